use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use tidemill_model::Interval;

/// What a table function was called with: literals, read strictly.
pub(crate) struct Arguments<'a> {
    function: &'static str,
    /// Their names, in order, for messages.
    names: &'static [&'static str],
    values: &'a [Expr],
}

impl<'a> Arguments<'a> {
    /// Checks that there are as many as the function takes.
    pub(crate) fn new(
        function: &'static str,
        names: &'static [&'static str],
        values: &'a [Expr],
    ) -> Result<Self> {
        if values.len() == names.len() {
            return Ok(Self { function, names, values });
        }
        let (names, found) = (names.join(", "), values.len());
        plan_err!("{function} takes ({names}), not {found} arguments")
    }

    /// Reads a text.
    pub(crate) fn text(&self, at: usize) -> Result<String> {
        match self.literal(at) {
            Some(ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text))) => {
                Ok(text.clone())
            }
            _ => self.refuse(at, "a text in single quotes"),
        }
    }

    /// Reads an interval such as `'5m'`.
    pub(crate) fn interval(&self, at: usize) -> Result<Interval> {
        match self.text(at)?.parse() {
            Ok(interval) => Ok(interval),
            Err(_) => self.refuse(at, "an interval such as '1m', '15m', '1h' or '1d'"),
        }
    }

    /// Reads a number above zero.
    pub(crate) fn positive(&self, at: usize) -> Result<f64> {
        let number = match self.literal(at) {
            Some(ScalarValue::Int64(Some(whole))) => Some(*whole as f64),
            Some(ScalarValue::Float64(Some(number))) => Some(*number),
            _ => None,
        };
        match number.filter(|number| number.is_finite() && *number > 0.0) {
            Some(number) => Ok(number),
            None => self.refuse(at, "a number above zero"),
        }
    }

    fn literal(&self, at: usize) -> Option<&ScalarValue> {
        match self.values.get(at) {
            Some(Expr::Literal(value, _)) => Some(value),
            _ => None,
        }
    }

    fn refuse<T>(&self, at: usize, allowed: &str) -> Result<T> {
        let function = self.function;
        let name = self.names.get(at).copied().unwrap_or("argument");
        plan_err!("{function}: {name} has to be {allowed}")
    }
}
