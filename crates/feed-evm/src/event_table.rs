//! Events by their signatures, and the words of their logs.

use alloy_primitives::keccak256;
use tidemill_model::{Address, Bytes32};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use crate::{DecodeFault, RawLog};

/// The events of a contract, found by a log's first topic.
#[derive(Clone, Debug)]
pub(crate) struct EventTable<K> {
    contract: &'static str,
    rows: Vec<Row<K>>,
}

/// An event as a contract declares it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared<K> {
    /// Which.
    pub(crate) kind: K,
    /// Its types as in a signature, `indexed` behind those that are; `#` stands for the number of
    /// the pool's coins.
    pub(crate) declaration: &'static str,
}

#[derive(Clone, Debug)]
struct Row<K> {
    hash: Bytes32,
    kind: K,
    name: &'static str,
    topics: Vec<Word>,
    words: Vec<Word>,
    is_dynamic: bool,
}

/// What a word of an encoding may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// Any: a number of 256 bits, 32 bytes, a hash of something longer or the place of a list.
    Any,
    /// A number without a sign, of so many bits.
    Uint(usize),
    /// A number with a sign, of so many bits.
    Int(usize),
    /// An address.
    Address,
    /// True or false.
    Bool,
    /// So many bytes, and zeros.
    Bytes(usize),
}

/// Declares an event.
pub(crate) const fn event<K>(kind: K, declaration: &'static str) -> Declared<K> {
    Declared { kind, declaration }
}

impl<K: Copy> EventTable<K> {
    /// Works the signatures' hashes out.
    pub(crate) fn new(contract: &'static str, declared: &[Declared<K>], coins: usize) -> Self {
        let rows = declared.iter().map(|event| Row::of(event, coins)).collect();
        Self { contract, rows }
    }

    /// Finds a log's event and the places of its fields.
    ///
    /// Errors: a log without a topic, of an unknown event, with more or fewer topics or words than
    /// the event has, or with a word that its type cannot have.
    pub(crate) fn read<'a>(&self, log: &'a RawLog) -> Result<(K, Fields<'a>), DecodeFault> {
        let topic = log.topics.first().ok_or(DecodeFault::NoTopic)?;
        let known = self.rows.iter().find(|row| row.hash == *topic);
        let unknown = || DecodeFault::UnknownEvent { contract: self.contract, topic: *topic };
        let row = known.ok_or_else(unknown)?;
        let fields = Fields {
            event: row.name,
            topics: log.topics.get(1..).unwrap_or_default(),
            data: &log.data,
        };
        fields.has_shape(&row.topics, &row.words, row.is_dynamic)?;
        Ok((row.kind, fields))
    }
}

impl<K: Copy> Row<K> {
    fn of(event: &Declared<K>, coins: usize) -> Self {
        let declaration = event.declaration.replace('#', &coins.to_string());
        let signature = declaration.replace(" indexed", "");
        let name = event.declaration.split('(').next().unwrap_or(event.declaration);
        let inside = declaration.split_once('(').map_or("", |(_, fields)| fields);
        let (mut topics, mut words, mut is_dynamic) = (Vec::new(), Vec::new(), false);
        for field in inside.trim_end_matches(')').split(',').filter(|field| !field.is_empty()) {
            if let Some(of) = field.strip_suffix(" indexed") {
                topics.push(Word::of(of));
                continue;
            }
            let list = field.strip_suffix(']').and_then(|field| field.split_once('['));
            is_dynamic |= matches!(list, Some((_, ""))) || ["bytes", "string"].contains(&field);
            match list {
                Some((of, size)) if !size.is_empty() => {
                    let size = size.parse().unwrap_or(0);
                    words.resize(words.len().saturating_add(size), Word::of(of));
                }
                Some(_) | None => words.push(Word::of(field)),
            }
        }
        let hash = Bytes32(keccak256(signature.as_bytes()).0);
        Self { hash, kind: event.kind, name, topics, words, is_dynamic }
    }
}

impl Word {
    fn of(name: &str) -> Self {
        let bits = |kind: &str| name.strip_prefix(kind).and_then(|bits| bits.parse().ok());
        match name {
            "address" => Self::Address,
            "bool" => Self::Bool,
            "bytes32" | "uint256" | "int256" => Self::Any,
            _ => bits("uint")
                .map(Self::Uint)
                .or_else(|| bits("int").map(Self::Int))
                .unwrap_or_else(|| bits("bytes").map_or(Self::Any, Self::Bytes)),
        }
    }

    /// Whether a word is what its type is encoded as.
    fn can_be(self, word: &[u8]) -> bool {
        let is = |zeros: usize, of: u8| word.iter().take(zeros).all(|byte| *byte == of);
        match self {
            Self::Any => true,
            Self::Uint(bits) => is(WORD.saturating_sub(bits / 8), 0),
            Self::Address => is(12, 0),
            Self::Bool => is(31, 0) && word.last().is_some_and(|byte| *byte < 2),
            Self::Bytes(count) => word.iter().skip(count).all(|byte| *byte == 0),
            Self::Int(bits) => {
                let above = WORD.saturating_sub(bits / 8);
                let is_negative = word.get(above).is_some_and(|byte| byte & 0x80 != 0);
                is(above, if is_negative { 0xff } else { 0 })
            }
        }
    }
}

/// The fields of a log whose event is known, by their places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    event: &'static str,
    topics: &'a [Bytes32],
    data: &'a [u8],
}

const WORD: usize = 32;

impl Fields<'_> {
    fn has_shape(
        &self,
        topics: &[Word],
        words: &[Word],
        is_dynamic: bool,
    ) -> Result<(), DecodeFault> {
        if self.topics.len() != topics.len() {
            let (expected, found) = (topics.len(), self.topics.len());
            return Err(self.fault(format!("it has {expected} indexed fields, the log {found}")));
        }
        let bytes = words.len().saturating_mul(WORD);
        let found = self.data.len();
        if found != bytes && !(is_dynamic && found > bytes) {
            let detail = format!("its other fields take {bytes} bytes, the log has {found}");
            return Err(self.fault(detail));
        }
        for (place, (topic, kind)) in self.topics.iter().zip(topics).enumerate() {
            if !kind.can_be(&topic.0) {
                return Err(self.fault(format!("indexed field {place} is out of its type")));
            }
        }
        for (place, (word, kind)) in self.data.chunks_exact(WORD).zip(words).enumerate() {
            if !kind.can_be(word) {
                return Err(self.fault(format!("field word {place} is out of its type")));
            }
        }
        Ok(())
    }

    fn fault(&self, detail: String) -> DecodeFault {
        DecodeFault::Encoding { event: self.event, detail }
    }

    /// Returns the event's name.
    pub(crate) fn event(&self) -> &'static str {
        self.event
    }

    /// Refuses a value.
    pub(crate) fn value(
        &self,
        field: &'static str,
        found: &dyn std::fmt::Display,
        allowed: &'static str,
    ) -> DecodeFault {
        DecodeFault::Value { event: self.event, field, found: found.to_string(), allowed }
    }

    /// Refuses the event as one that no tape has.
    pub(crate) fn unplaced(&self, detail: &'static str) -> DecodeFault {
        DecodeFault::Unplaced { event: self.event, detail }
    }

    /// Returns an indexed field, counted from 0.
    pub(crate) fn topic(&self, index: usize) -> Result<U256, DecodeFault> {
        let topic = self.topics.get(index).ok_or_else(|| self.fault(cut_short(index)))?;
        Ok(U256::from_be_bytes(topic.0))
    }

    /// Returns a word of the other fields, counted from 0.
    pub(crate) fn word(&self, index: usize) -> Result<U256, DecodeFault> {
        let start = index.checked_mul(WORD);
        let bytes = start.and_then(|start| self.data.get(start..start.checked_add(WORD)?));
        let bytes = bytes.ok_or_else(|| self.fault(cut_short(index)))?;
        Ok(U256::from_be_slice(bytes))
    }

    /// Returns an indexed address.
    pub(crate) fn topic_address(&self, index: usize) -> Result<Address, DecodeFault> {
        self.as_address(self.topic(index)?)
    }

    /// Returns an address among the other fields.
    pub(crate) fn address(&self, index: usize) -> Result<Address, DecodeFault> {
        self.as_address(self.word(index)?)
    }

    /// Returns a hash or id that is indexed.
    pub(crate) fn topic_bytes(&self, index: usize) -> Result<Bytes32, DecodeFault> {
        Ok(Bytes32(self.topic(index)?.to_be_bytes()))
    }

    /// Returns an amount.
    pub(crate) fn amount(&self, index: usize) -> Result<Amount, DecodeFault> {
        self.word(index).map(Amount)
    }

    /// Returns a number below 2^64.
    pub(crate) fn small(&self, index: usize) -> Result<u64, DecodeFault> {
        self.as_small(self.word(index)?)
    }

    /// Returns a time in seconds.
    pub(crate) fn time(&self, index: usize) -> Result<Timestamp, DecodeFault> {
        self.small(index).map(Timestamp)
    }

    /// Returns a number below 2^128.
    pub(crate) fn wide(&self, index: usize) -> Result<u128, DecodeFault> {
        let word = self.word(index)?;
        u128::try_from(word).map_err(|_| self.fault(format!("{word} is not below 2^128")))
    }

    /// Returns an amount of each of so many tokens, one word after another.
    pub(crate) fn amounts(&self, first: usize, count: usize) -> Result<TokenAmounts, DecodeFault> {
        let each = (first..first.saturating_add(count)).map(|index| self.amount(index));
        let each: Vec<_> = each.collect::<Result<_, _>>()?;
        TokenAmounts::new(&each).ok_or_else(|| self.fault(format!("{count} tokens")))
    }

    /// Returns the words of a list whose place is at `index`; at most [`TokenAmounts::MOST`] and
    /// one more.
    pub(crate) fn list(&self, index: usize) -> Result<Vec<U256>, DecodeFault> {
        let bad = |word: U256| self.fault(format!("{word} is no place of a list"));
        let place = self.word(index)?;
        let start = usize::try_from(place).ok().filter(|start| start % WORD == 0);
        let start = start.ok_or_else(|| bad(place))? / WORD;
        let count = self.word(start)?;
        let most = TokenAmounts::MOST.saturating_add(1);
        let count = usize::try_from(count).ok().filter(|count| *count <= most);
        let count = count.ok_or_else(|| self.fault("a list of more than 9".to_owned()))?;
        let first = start.saturating_add(1);
        (first..first.saturating_add(count)).map(|index| self.word(index)).collect()
    }

    /// Returns a token's place in its pool, of so many.
    pub(crate) fn token(&self, index: usize, count: usize) -> Result<TokenIndex, DecodeFault> {
        let word = self.word(index)?;
        let place = u8::try_from(word).ok().filter(|place| usize::from(*place) < count);
        place.map(TokenIndex).ok_or_else(|| self.fault(format!("{word} is no coin of {count}")))
    }

    fn as_address(&self, word: U256) -> Result<Address, DecodeFault> {
        let bytes: [u8; WORD] = word.to_be_bytes();
        let (zeros, rest) = bytes.split_at(12);
        match <[u8; 20]>::try_from(rest) {
            Ok(address) if zeros.iter().all(|byte| *byte == 0) => Ok(Address(address)),
            Ok(_) | Err(_) => Err(self.fault(format!("{word:#x} is no address"))),
        }
    }

    fn as_small(&self, word: U256) -> Result<u64, DecodeFault> {
        u64::try_from(word).map_err(|_| self.fault(format!("{word} is not below 2^64")))
    }
}

fn cut_short(index: usize) -> String {
    format!("it ends before field word {index}")
}
