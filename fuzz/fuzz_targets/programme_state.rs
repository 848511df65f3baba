//! Reads arbitrary text as the state of a reward programme.
//!
//! What is accepted can be resumed and has to survive being written and read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemill_store::{ProgrammeState, read_programme_state, write_programme_state};

fuzz_target!(|text: &str| {
    if let Ok(state) = read_programme_state(text) {
        let programme = state.resume().expect("a state that was read is one");
        let again = ProgrammeState::from(&programme);
        assert_eq!(again, state, "the programme is in the state that was read");
        let written = write_programme_state(&state).expect("every state can be written");
        assert_eq!(read_programme_state(&written), Ok(state));
    }
});
