use tidemill_units::Tick;
#[test]
fn placeholder() {
    assert!(Tick::MIN < Tick::MAX);
}
