use super::values::{NumberValue, TruthValue};

/// What an expression reads.
pub(super) trait Readings {
    /// Returns a named number; `None` while it is not known.
    fn number(&self, value: NumberValue) -> Option<f64>;
    /// Returns a named claim; `None` while it is not known.
    fn truth(&self, value: TruthValue) -> Option<bool>;
    /// Returns an output of a signal; `None` while it is not known.
    fn signal(&self, slot: usize) -> Option<f64>;
    /// Returns what so much gas costs now, in whole quote tokens; `None` while no price is known.
    fn gas_quote(&self, gas: f64) -> Option<f64>;
}

/// The byte of an expression at which a part of it stands: an operator's, a function's or a name's.
pub(super) type At = usize;

/// An expression whose value is a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Constant(f64),
    Value(NumberValue, At),
    Signal(usize, At),
    Unary(Unary, Box<Self>, At),
    Binary(Binary, Box<[Self; 2]>, At),
    Clamp(Box<[Self; 3]>, At),
    Select(Box<(Truth, Self, Self)>),
    /// The first that is known.
    Else(Box<[Self; 2]>),
}

/// An expression whose value is true or false.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    Constant(bool),
    Value(TruthValue),
    Not(Box<Self>),
    Compare(Comparison, Box<[Number; 2]>),
    /// Whether both are the same.
    Same(Box<[Self; 2]>),
    And(Box<[Self; 2]>),
    Or(Box<[Self; 2]>),
    IsKnown(Box<Typed>),
    Select(Box<[Self; 3]>),
    /// The first that is known.
    Else(Box<[Self; 2]>),
}

/// An expression, by what its value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Typed {
    Number(Number),
    Truth(Truth),
}

/// What makes a number of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Negate,
    Abs,
    Sqrt,
    Exp,
    Ln,
    Floor,
    Ceil,
    Round,
    GasQuote,
}

/// What makes a number of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Min,
    Max,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// An expression that has no value where it should have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: At,
    pub(super) kind: FaultKind,
}

/// A value, `None` while something that it takes is not known, or why there is none.
type Evaluated<T> = Result<Option<T>, Fault>;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    DivisionByZero,
    NotANumber,
    TooLarge,
    EmptyClamp,
}

impl FaultKind {
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::DivisionByZero => "this divides by zero",
            Self::NotANumber => "this is not a number",
            Self::TooLarge => "this is too large for a number",
            Self::EmptyClamp => "the lower bound of this is above the upper one",
        }
    }
}

impl Number {
    /// Whether something in it is told of a pool.
    pub(super) fn reads_pool(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Signal(..) => false,
            Self::Value(value, _) => value.is_of_pool(),
            Self::Unary(unary, operand, _) => *unary == Unary::GasQuote || operand.reads_pool(),
            Self::Binary(_, operands, _) => operands.iter().any(Self::reads_pool),
            Self::Clamp(operands, _) => operands.iter().any(Self::reads_pool),
            Self::Select(parts) => {
                parts.0.reads_pool() || parts.1.reads_pool() || parts.2.reads_pool()
            }
            Self::Else(parts) => parts.iter().any(Self::reads_pool),
        }
    }

    /// Whether it takes constants only, so that it is one as well.
    pub(super) fn is_settled(&self) -> bool {
        let is_constant = |number: &Self| matches!(number, Self::Constant(_));
        match self {
            Self::Constant(_) | Self::Value(..) | Self::Signal(..) => false,
            Self::Unary(unary, operand, _) => *unary != Unary::GasQuote && is_constant(operand),
            Self::Binary(_, operands, _) => operands.iter().all(is_constant),
            Self::Clamp(operands, _) => operands.iter().all(is_constant),
            Self::Select(parts) => {
                matches!(parts.0, Truth::Constant(_))
                    && is_constant(&parts.1)
                    && is_constant(&parts.2)
            }
            Self::Else(parts) => is_constant(&parts[0]),
        }
    }

    /// Returns the value; `None` while something that it takes is not known.
    pub(super) fn evaluate(&self, from: &impl Readings) -> Evaluated<f64> {
        match self {
            Self::Constant(value) => Ok(Some(*value)),
            Self::Value(value, at) => {
                from.number(*value).map(|value| finite(value, *at)).transpose()
            }
            Self::Signal(slot, at) => {
                from.signal(*slot).map(|value| finite(value, *at)).transpose()
            }
            Self::Unary(unary, operand, at) => match operand.evaluate(from)? {
                None => Ok(None),
                Some(operand) => unary.of(operand, *at, from),
            },
            Self::Binary(binary, operands, at) => {
                let [left, right] = &**operands;
                match (left.evaluate(from)?, right.evaluate(from)?) {
                    (Some(left), Some(right)) => binary.of(left, right, *at).map(Some),
                    _ => Ok(None),
                }
            }
            Self::Clamp(operands, at) => {
                let [value, low, high] = &**operands;
                match (value.evaluate(from)?, low.evaluate(from)?, high.evaluate(from)?) {
                    (Some(value), Some(low), Some(high)) => clamp(value, low, high, *at).map(Some),
                    _ => Ok(None),
                }
            }
            Self::Select(parts) => {
                let (condition, yes, no) = &**parts;
                selected(condition.evaluate(from)?, || yes.evaluate(from), || no.evaluate(from))
            }
            Self::Else(parts) => {
                let [first, second] = &**parts;
                first_known(first.evaluate(from)?, || second.evaluate(from))
            }
        }
    }
}

impl Truth {
    /// Whether something in it is told of a pool; all claims are.
    pub(super) fn reads_pool(&self) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Value(_) => true,
            Self::Not(operand) => operand.reads_pool(),
            Self::Compare(_, operands) => operands.iter().any(Number::reads_pool),
            Self::Same(parts) | Self::And(parts) | Self::Or(parts) | Self::Else(parts) => {
                parts.iter().any(Self::reads_pool)
            }
            Self::IsKnown(operand) => match &**operand {
                Typed::Number(number) => number.reads_pool(),
                Typed::Truth(truth) => truth.reads_pool(),
            },
            Self::Select(parts) => parts.iter().any(Self::reads_pool),
        }
    }

    /// Whether it takes constants only, so that it is one as well.
    pub(super) fn is_settled(&self) -> bool {
        let is_constant = |truth: &Self| matches!(truth, Self::Constant(_));
        match self {
            Self::Constant(_) | Self::Value(_) | Self::IsKnown(_) => false,
            Self::Not(operand) => is_constant(operand),
            Self::Compare(_, operands) => {
                operands.iter().all(|operand| matches!(operand, Number::Constant(_)))
            }
            Self::Same(operands) | Self::And(operands) | Self::Or(operands) => {
                operands.iter().all(is_constant)
            }
            Self::Select(parts) => parts.iter().all(is_constant),
            Self::Else(parts) => is_constant(&parts[0]),
        }
    }

    /// Returns whether it is so; `None` while it takes something that is not known. What is known
    /// decides where it can: `false && unknown` is false, `true || unknown` is true.
    pub(super) fn evaluate(&self, from: &impl Readings) -> Evaluated<bool> {
        match self {
            Self::Constant(value) => Ok(Some(*value)),
            Self::Value(value) => Ok(from.truth(*value)),
            Self::Not(operand) => Ok(operand.evaluate(from)?.map(|value| !value)),
            Self::Compare(comparison, operands) => {
                let [left, right] = &**operands;
                Ok(match (left.evaluate(from)?, right.evaluate(from)?) {
                    (Some(left), Some(right)) => Some(comparison.of(left, right)),
                    _ => None,
                })
            }
            Self::Same(operands) => {
                let [left, right] = &**operands;
                Ok(match (left.evaluate(from)?, right.evaluate(from)?) {
                    (Some(left), Some(right)) => Some(left == right),
                    _ => None,
                })
            }
            Self::And(operands) => decided(operands, false, from),
            Self::Or(operands) => decided(operands, true, from),
            Self::IsKnown(operand) => Ok(Some(match &**operand {
                Typed::Number(operand) => operand.evaluate(from)?.is_some(),
                Typed::Truth(operand) => operand.evaluate(from)?.is_some(),
            })),
            Self::Select(parts) => {
                let [condition, yes, no] = &**parts;
                selected(condition.evaluate(from)?, || yes.evaluate(from), || no.evaluate(from))
            }
            Self::Else(parts) => {
                let [first, second] = &**parts;
                first_known(first.evaluate(from)?, || second.evaluate(from))
            }
        }
    }
}

/// One of two values, by a condition; the other is not looked at, and neither while the condition
/// is not known.
fn selected<T>(
    condition: Option<bool>,
    yes: impl FnOnce() -> Evaluated<T>,
    no: impl FnOnce() -> Evaluated<T>,
) -> Evaluated<T> {
    match condition {
        Some(true) => yes(),
        Some(false) => no(),
        None => Ok(None),
    }
}

/// A value, or the second where the first is not known; it is not looked at where it is.
fn first_known<T>(first: Option<T>, second: impl FnOnce() -> Evaluated<T>) -> Evaluated<T> {
    first.map_or_else(second, |known| Ok(Some(known)))
}

/// Two claims of which one that is `decisive` decides; the second is not looked at where the first
/// does.
fn decided(operands: &[Truth; 2], decisive: bool, from: &impl Readings) -> Evaluated<bool> {
    let [left, right] = operands;
    let left = left.evaluate(from)?;
    if left == Some(decisive) {
        return Ok(left);
    }
    let right = right.evaluate(from)?;
    Ok(if right == Some(decisive) { right } else { left.and(right) })
}

impl Unary {
    /// Applies it, to what `from` says where it asks for something.
    fn of(self, operand: f64, at: At, from: &impl Readings) -> Evaluated<f64> {
        let value = match self {
            Self::GasQuote => match from.gas_quote(operand) {
                None => return Ok(None),
                Some(value) => value,
            },
            Self::Negate => -operand,
            Self::Abs => operand.abs(),
            Self::Sqrt => operand.sqrt(),
            Self::Exp => libm::exp(operand),
            Self::Ln => libm::log(operand),
            Self::Floor => operand.floor(),
            Self::Ceil => operand.ceil(),
            Self::Round => operand.round(),
        };
        finite(value, at).map(Some)
    }
}

impl Binary {
    pub(super) fn of(self, left: f64, right: f64, at: At) -> Result<f64, Fault> {
        if matches!(self, Self::Divide | Self::Remainder) && right == 0.0 {
            return Err(Fault { at, kind: FaultKind::DivisionByZero });
        }
        let value = match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
            Self::Power => libm::pow(left, right),
            Self::Min => left.min(right),
            Self::Max => left.max(right),
        };
        finite(value, at)
    }
}

impl Comparison {
    pub(super) fn of(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }
}

fn clamp(value: f64, low: f64, high: f64, at: At) -> Result<f64, Fault> {
    if low > high {
        return Err(Fault { at, kind: FaultKind::EmptyClamp });
    }
    Ok(value.clamp(low, high))
}

fn finite(value: f64, at: At) -> Result<f64, Fault> {
    if value.is_finite() {
        return Ok(value);
    }
    let kind = if value.is_nan() { FaultKind::NotANumber } else { FaultKind::TooLarge };
    Err(Fault { at, kind })
}
