use super::*;

fn event(number: i64) -> CexEvent {
    CexEvent { seen_at: InstantUs(number), symbol: String::new(), body: CexBody::Connected }
}

fn outlet(overflow: Overflow) -> (Outlet, mpsc::Receiver<CexEvent>) {
    let (sender, receiver) = mpsc::channel(4);
    (Outlet::new(sender, overflow), receiver)
}

#[test]
fn a_slow_reader_is_told_and_the_feed_ends() {
    let (mut outlet, mut reader) = outlet(Overflow::Halt);
    for number in 0..3 {
        assert!(outlet.push(event(number)).is_ok());
    }
    assert!(outlet.push(event(3)).is_err());
    drop(outlet);
    for number in 0..3 {
        assert_eq!(reader.try_recv(), Ok(event(number)));
    }
    assert_eq!(reader.try_recv(), Ok(slow(InstantUs(3), 1)));
    assert!(reader.try_recv().is_err());
}

#[test]
fn a_slow_reader_is_told_how_much_it_missed() {
    let (mut outlet, mut reader) = outlet(Overflow::Gap);
    for number in 0..10 {
        assert_eq!(outlet.recover(InstantUs(number)).unwrap(), Ready::Yes);
        outlet.push(event(number)).unwrap();
    }
    for number in 0..3 {
        assert_eq!(reader.try_recv(), Ok(event(number)));
    }
    assert!(reader.try_recv().is_err(), "seven are lost");
    outlet.push(event(10)).unwrap();
    assert!(reader.try_recv().is_err(), "and no event passes the gap");
    assert_eq!(outlet.recover(InstantUs(11)).unwrap(), Ready::TellBooks);
    outlet.push(event(11)).unwrap();
    assert_eq!(reader.try_recv(), Ok(slow(InstantUs(11), 8)));
    assert_eq!(reader.try_recv(), Ok(event(11)));
    drop(reader);
    assert!(outlet.push(event(12)).is_err(), "nobody reads");
}
