mod lowering;

use std::collections::BTreeMap;
use std::ops::Range;

use rhai::{Engine, Expr, ParseErrorType, Position, Stmt};

use super::expression::{At, Number, Truth, Typed};
use lowering::Lowering;

/// The most bytes of an expression.
pub(super) const MOST_BYTES: usize = 1_000;
/// The most parts of an expression: numbers, names, operators and functions.
pub(super) const MOST_PARTS: usize = 200;
/// How deep an expression may be nested.
const MOST_DEPTH: usize = 40;

/// Something wrong with an expression, and the bytes of it that are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) within: Range<usize>,
    pub(super) problem: String,
}

/// Reads expressions: rhai's grammar without statements, texts, arrays, objects, functions of one's
/// own and modules; the rest of the language is not compiled in, or refused here.
pub(super) struct Compiler {
    engine: Engine,
    names: BTreeMap<String, Name>,
}

/// What a name of the file stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Name {
    Parameter(f64),
    Signal(usize),
}

impl Compiler {
    pub(super) fn new() -> Self {
        let mut engine = Engine::new_raw();
        engine
            .set_max_expr_depths(MOST_DEPTH)
            .set_max_string_size(MOST_BYTES)
            .set_allow_if_expression(false)
            .set_allow_switch_expression(false)
            .set_allow_statement_expression(false)
            .set_allow_looping(false)
            .set_allow_shadowing(false);
        Self { engine, names: BTreeMap::new() }
    }

    /// Gives a name to a parameter or an output of a signal.
    pub(super) fn name(&mut self, name: &str, stands_for: Name) {
        self.names.insert(name.to_owned(), stands_for);
    }

    /// Whether there is a parameter or an output of a signal of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Whether a text is one name, and can be used as one.
    pub(super) fn is_name(&self, text: &str) -> bool {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let parsed = || self.engine.compile_expression(text).ok();
        (1..=40).contains(&text.len())
            && text.bytes().all(is_plain)
            && parsed()
                .is_some_and(|ast| matches!(only(ast.statements()), Some(Expr::Variable(..))))
    }

    /// Reads an expression whose value is a number.
    pub(super) fn number(&self, text: &str) -> Result<Number, Mistake> {
        match self.typed(text)? {
            Typed::Number(number) => Ok(number),
            Typed::Truth(_) => Err(Mistake {
                within: 0..text.len(),
                problem: "this is true or false; a number is needed".to_owned(),
            }),
        }
    }

    /// Reads an expression whose value is true or false.
    pub(super) fn truth(&self, text: &str) -> Result<Truth, Mistake> {
        match self.typed(text)? {
            Typed::Truth(truth) => Ok(truth),
            Typed::Number(_) => Err(Mistake {
                within: 0..text.len(),
                problem: "this is a number; a condition is needed, such as `price < 1000`"
                    .to_owned(),
            }),
        }
    }

    fn typed(&self, text: &str) -> Result<Typed, Mistake> {
        if text.len() > MOST_BYTES {
            let problem =
                format!("this has {} bytes; allowed are {MOST_BYTES} at most", text.len());
            return Err(Mistake { within: 0..text.len(), problem });
        }
        let ast = self.engine.compile_expression(text).map_err(|error| {
            let at = byte_of(text, error.position());
            Mistake { within: token_at(text, at), problem: in_words(error.err_type()) }
        })?;
        let mut lowering = Lowering::new(&self.names, text);
        match only(ast.statements()) {
            Some(expression) => lowering.typed(expression),
            None => Err(lowering.not_allowed(0)),
        }
    }
}

/// The expression of a text that is one.
fn only(statements: &[Stmt]) -> Option<&Expr> {
    match statements {
        [Stmt::Expr(expression)] => Some(expression),
        _ => None,
    }
}

/// What rhai found, in the words of this crate.
fn in_words(error: &ParseErrorType) -> String {
    if *error == ParseErrorType::UnexpectedEOF {
        return "the expression ends too early".to_owned();
    }
    if *error == ParseErrorType::ExprTooDeep {
        return format!("this is nested too deep; allowed are {MOST_DEPTH} levels");
    }
    let said = error.to_string();
    let mut letters = said.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// The byte of a place that rhai gives as a line and a character; the end of the text for none.
fn byte_of(text: &str, position: Position) -> usize {
    let Some(line) = position.line() else { return text.len() };
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = &text[start.min(text.len())..];
    let skipped = position.position().unwrap_or(1).saturating_sub(1);
    start + rest.chars().take(skipped).map(char::len_utf8).sum::<usize>()
}

/// The bytes of the name, number or sign that begins at a byte.
fn token_at(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or("");
    let in_word = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    let word: usize = rest.chars().take_while(in_word).map(char::len_utf8).sum();
    let length = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
    at..at + length
}

/// The bytes that a fault of an expression is shown under.
pub(super) fn token_of(text: &str, at: At) -> Range<usize> {
    let signs = ["**", "??", "<=", ">=", "==", "!=", "&&", "||"];
    let two = text.get(at..at + 2).is_some_and(|two| signs.contains(&two));
    if two { at..at + 2 } else { token_at(text, at) }
}
