//! What the documentation says of a modelled contract, stated beside its model.

/// What the documentation says of a kind of pool or reward programme; each file has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindFacts {
    /// Its name in files, snake case.
    pub name: &'static str,
    /// Its name among people.
    pub title: &'static str,
    /// The contracts that are modelled.
    pub models: &'static [Contract],
    /// How its equality with them is shown.
    pub proof: &'static [Proof],
    /// What calls cost.
    pub gas: &'static [GasFigure],
    /// Behaviour that surprises, each with the test that pins it.
    pub quirks: &'static [Quirk],
    /// What the contracts can do and the model refuses or leaves out.
    pub absent: &'static [&'static str],
}

/// A contract that is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Its name, as its source has it.
    pub name: &'static str,
    /// Package version, commit, or deployed address with its date.
    pub version: &'static str,
}

/// How a model is shown to equal its contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Random operations on model and bytecode side by side.
    Bytecode {
        /// The package and version that carries the bytecode.
        package: &'static str,
        /// The test, by its name.
        test: &'static str,
    },
    /// Answers or events of the chain.
    Recorded {
        /// What was recorded, and how many agree.
        what: &'static str,
        /// The test, by its name.
        test: &'static str,
    },
    /// A second model in big integers, written from the specification alone.
    NaiveModel {
        /// The test, by its name.
        test: &'static str,
    },
}

/// What a call costs, measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasFigure {
    /// The call, and the state it was made in where that matters.
    pub call: &'static str,
    /// Gas used, the transaction's 21,000 and calldata included.
    pub gas: u64,
}

/// Behaviour that surprises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// What it is.
    pub says: &'static str,
    /// The test that pins it, by its name.
    pub test: &'static str,
}
