use std::collections::BTreeMap;

use rhai::{Expr, FnCallExpr};

use super::super::expression::{
    At, Binary, Comparison, Fault, Number, Readings, Truth, Typed, Unary,
};
use super::super::values::{
    CONSTANTS, FUNCTIONS, NUMBERS, NumberValue, TRUTHS, TruthValue, instead, known_names,
};
use super::{MOST_PARTS, Mistake, Name, byte_of, token_of};

/// Nothing is known while a file is read.
struct Nothing;

impl Readings for Nothing {
    fn number(&self, _: NumberValue) -> Option<f64> {
        None
    }
    fn truth(&self, _: TruthValue) -> Option<bool> {
        None
    }
    fn signal(&self, _: usize) -> Option<f64> {
        None
    }
    fn gas_quote(&self, _: f64) -> Option<f64> {
        None
    }
}

/// Turns rhai's tree into one of numbers and claims.
pub(super) struct Lowering<'a> {
    names: &'a BTreeMap<String, Name>,
    text: &'a str,
    parts: usize,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(names: &'a BTreeMap<String, Name>, text: &'a str) -> Self {
        Self { names, text, parts: 0 }
    }

    /// Returns the tree of an expression, with every name in its place.
    ///
    /// Errors: what is not allowed, a name that is not there, a type that does not fit, and a
    /// constant part without a value.
    pub(super) fn typed(&mut self, expression: &Expr) -> Result<Typed, Mistake> {
        let at = byte_of(self.text, expression.position());
        self.parts += 1;
        if self.parts > MOST_PARTS {
            let problem = format!("there are too many parts; allowed are {MOST_PARTS}");
            return Err(self.wrong(at, problem));
        }
        match expression {
            Expr::BoolConstant(value, _) => Ok(Typed::Truth(Truth::Constant(*value))),
            Expr::IntegerConstant(value, _) => self.integer(*value, at),
            Expr::FloatConstant(value, _) => {
                let value: f64 = **value;
                if !value.is_finite() {
                    return Err(self.wrong(at, "this is too large for a number".to_owned()));
                }
                Ok(Typed::Number(Number::Constant(value)))
            }
            Expr::Variable(variable, _, _) => self.named(variable.1.as_str(), at),
            Expr::And(parts, _) => self.joined(parts, Truth::And),
            Expr::Or(parts, _) => self.joined(parts, Truth::Or),
            Expr::Coalesce(parts, _) => self.alternatives(parts),
            Expr::FnCall(call, _) => self.call(call, at),
            Expr::DynamicConstant(..)
            | Expr::CharConstant(..)
            | Expr::StringConstant(..)
            | Expr::InterpolatedString(..)
            | Expr::Array(..)
            | Expr::Map(..)
            | Expr::Unit(..)
            | Expr::ThisPtr(..)
            | Expr::Property(..)
            | Expr::MethodCall(..)
            | Expr::Stmt(..)
            | Expr::Dot(..)
            | Expr::Index(..)
            // Whatever rhai may come to know besides.
            | _ => Err(self.not_allowed(at)),
        }
    }

    fn wrong(&self, at: At, problem: String) -> Mistake {
        Mistake { within: token_of(self.text, at), problem }
    }

    pub(super) fn not_allowed(&self, at: At) -> Mistake {
        let problem = "this is not allowed; allowed are numbers, names, `true`, `false`, \
                       `+ - * / % **`, `< <= > >= == !=`, `&& || !`, `??`, parentheses and \
                       functions";
        self.wrong(at, problem.to_owned())
    }

    fn integer(&self, value: rhai::INT, at: At) -> Result<Typed, Mistake> {
        const EXACT: u64 = 1 << 53;
        if value.unsigned_abs() > EXACT {
            let problem = format!("{value} is not exact as a number; allowed is {EXACT} at most");
            return Err(self.wrong(at, problem));
        }
        Ok(Typed::Number(Number::Constant(value as f64)))
    }

    fn named(&self, name: &str, at: At) -> Result<Typed, Mistake> {
        match self.names.get(name) {
            Some(Name::Parameter(value)) => return Ok(Typed::Number(Number::Constant(*value))),
            Some(Name::Signal(slot)) => return Ok(Typed::Number(Number::Signal(*slot, at))),
            None => {}
        }
        if let Some((_, value)) = CONSTANTS.iter().find(|(known, _)| *known == name) {
            return Ok(Typed::Number(Number::Constant(*value)));
        }
        if let Some((_, value)) = NUMBERS.iter().find(|(known, _)| *known == name) {
            return Ok(Typed::Number(Number::Value(*value, at)));
        }
        if let Some((_, value)) = TRUTHS.iter().find(|(known, _)| *known == name) {
            return Ok(Typed::Truth(Truth::Value(*value)));
        }
        let own = self.names.keys().map(String::as_str);
        let names: Vec<&str> = own.chain(known_names().map(|name| name as &str)).collect();
        Err(self.wrong(at, format!("there is no `{name}`; {}", instead(name, &names))))
    }

    fn number(&mut self, expression: &Expr) -> Result<Number, Mistake> {
        match self.typed(expression)? {
            Typed::Number(number) => Ok(number),
            Typed::Truth(_) => {
                let at = byte_of(self.text, expression.position());
                Err(self.wrong(at, "this is true or false; a number is needed here".to_owned()))
            }
        }
    }

    fn truth(&mut self, expression: &Expr) -> Result<Truth, Mistake> {
        match self.typed(expression)? {
            Typed::Truth(truth) => Ok(truth),
            Typed::Number(_) => {
                let at = byte_of(self.text, expression.position());
                Err(self.wrong(at, "this is a number; true or false is needed here".to_owned()))
            }
        }
    }

    /// Claims that rhai has put into one list, from the left.
    fn joined(
        &mut self,
        parts: &[Expr],
        join: fn(Box<[Truth; 2]>) -> Truth,
    ) -> Result<Typed, Mistake> {
        let mut parts = parts.iter();
        let first = parts.next().map_or(Ok(Truth::Constant(true)), |part| self.truth(part))?;
        let joined = parts.try_fold(first, |left, part| {
            let right = self.truth(part)?;
            self.folded_truth(join(Box::new([left, right])))
        });
        joined.map(Typed::Truth)
    }

    /// The first of these that is known; all of one type.
    fn alternatives(&mut self, parts: &[Expr]) -> Result<Typed, Mistake> {
        let Some((first, rest)) = parts.split_first() else { return Err(self.not_allowed(0)) };
        rest.iter().try_fold(self.typed(first)?, |left, part| match left {
            Typed::Number(left) => {
                let right = self.number(part)?;
                let either = Number::Else(Box::new([left, right]));
                Ok(Typed::Number(self.folded(either)?))
            }
            Typed::Truth(left) => {
                let right = self.truth(part)?;
                Ok(Typed::Truth(self.folded_truth(Truth::Else(Box::new([left, right])))?))
            }
        })
    }

    fn call(&mut self, call: &FnCallExpr, at: At) -> Result<Typed, Mistake> {
        if call.op_token.is_some() {
            return self.operator(call, at);
        }
        let name = call.name.as_str();
        let Some((_, takes)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = FUNCTIONS.iter().map(|(known, _)| *known).collect();
            let problem = format!("there is no function `{name}`; {}", instead(name, &names));
            return Err(self.wrong(at, problem));
        };
        if call.args.len() != *takes {
            let problem = format!("`{name}` takes {takes}, and is given {}", call.args.len());
            return Err(self.wrong(at, problem));
        }
        self.function(name, &call.args, at)
    }

    fn function(&mut self, name: &str, given: &[Expr], at: At) -> Result<Typed, Mistake> {
        let unary = match name {
            "abs" => Some(Unary::Abs),
            "sqrt" => Some(Unary::Sqrt),
            "exp" => Some(Unary::Exp),
            "ln" => Some(Unary::Ln),
            "floor" => Some(Unary::Floor),
            "ceil" => Some(Unary::Ceil),
            "round" => Some(Unary::Round),
            "gas_quote" => Some(Unary::GasQuote),
            _ => None,
        };
        let folded = match (unary, name, given) {
            (Some(unary), _, [operand]) => {
                Number::Unary(unary, Box::new(self.number(operand)?), at)
            }
            (None, "is_known", [operand]) => {
                return Ok(Typed::Truth(Truth::IsKnown(Box::new(self.typed(operand)?))));
            }
            (None, "min", [left, right]) => self.binary(Binary::Min, [left, right], at)?,
            (None, "max", [left, right]) => self.binary(Binary::Max, [left, right], at)?,
            (None, "clamp", [value, low, high]) => {
                let operands = [self.number(value)?, self.number(low)?, self.number(high)?];
                Number::Clamp(Box::new(operands), at)
            }
            (None, "select", [condition, yes, no]) => return self.select(condition, yes, no),
            _ => return Err(self.not_allowed(at)),
        };
        self.folded(folded).map(Typed::Number)
    }

    fn select(&mut self, condition: &Expr, yes: &Expr, no: &Expr) -> Result<Typed, Mistake> {
        let condition = self.truth(condition)?;
        match self.typed(yes)? {
            Typed::Number(yes) => {
                let parts = (condition, yes, self.number(no)?);
                self.folded(Number::Select(Box::new(parts))).map(Typed::Number)
            }
            Typed::Truth(yes) => {
                let parts = [condition, yes, self.truth(no)?];
                self.folded_truth(Truth::Select(Box::new(parts))).map(Typed::Truth)
            }
        }
    }

    fn operator(&mut self, call: &FnCallExpr, at: At) -> Result<Typed, Mistake> {
        if let [operand] = call.args.as_slice() {
            return match call.name.as_str() {
                "!" => {
                    let operand = self.truth(operand)?;
                    self.folded_truth(Truth::Not(Box::new(operand))).map(Typed::Truth)
                }
                "-" => {
                    let operand = Box::new(self.number(operand)?);
                    self.folded(Number::Unary(Unary::Negate, operand, at)).map(Typed::Number)
                }
                "+" => self.number(operand).map(Typed::Number),
                _ => Err(self.not_allowed(at)),
            };
        }
        let [left, right] = call.args.as_slice() else { return Err(self.not_allowed(at)) };
        let binary = match call.name.as_str() {
            "+" => Binary::Add,
            "-" => Binary::Subtract,
            "*" => Binary::Multiply,
            "/" => Binary::Divide,
            "%" => Binary::Remainder,
            "**" => Binary::Power,
            other => return self.comparison(other, [left, right], at),
        };
        let made = self.binary(binary, [left, right], at)?;
        self.folded(made).map(Typed::Number)
    }

    fn binary(
        &mut self,
        binary: Binary,
        [left, right]: [&Expr; 2],
        at: At,
    ) -> Result<Number, Mistake> {
        let operands = [self.number(left)?, self.number(right)?];
        Ok(Number::Binary(binary, Box::new(operands), at))
    }

    fn comparison(
        &mut self,
        sign: &str,
        [left, right]: [&Expr; 2],
        at: At,
    ) -> Result<Typed, Mistake> {
        let comparison = match sign {
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            _ => return Err(self.not_allowed(at)),
        };
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let made = match self.typed(left)? {
            Typed::Number(left) => {
                let operands = [left, self.number(right)?];
                Truth::Compare(comparison, Box::new(operands))
            }
            Typed::Truth(left) if is_equality => {
                let same = Truth::Same(Box::new([left, self.truth(right)?]));
                if comparison == Comparison::Equal { same } else { Truth::Not(Box::new(same)) }
            }
            Typed::Truth(_) => {
                let at = byte_of(self.text, left.position());
                let problem = "this is true or false; a number is needed here".to_owned();
                return Err(self.wrong(at, problem));
            }
        };
        self.folded_truth(made).map(Typed::Truth)
    }

    /// What does not depend on anything is worked out once, here.
    fn folded(&self, number: Number) -> Result<Number, Mistake> {
        if !number.is_settled() {
            return Ok(number);
        }
        let value = number.evaluate(&Nothing).map_err(|fault| self.faulty(fault))?;
        Ok(value.map_or(number, Number::Constant))
    }

    fn folded_truth(&self, truth: Truth) -> Result<Truth, Mistake> {
        if !truth.is_settled() {
            return Ok(truth);
        }
        let value = truth.evaluate(&Nothing).map_err(|fault| self.faulty(fault))?;
        Ok(value.map_or(truth, Truth::Constant))
    }

    fn faulty(&self, fault: Fault) -> Mistake {
        self.wrong(fault.at, fault.kind.describe().to_owned())
    }
}
