use tidemill_model::PositionId;

/// Returns the address that one of our positions goes by where a contract pays each holder by
/// itself: one that nobody has the key of, and of no other position.
pub(crate) fn own_account(id: PositionId) -> [u8; 20] {
    let sequence = id.0.sequence.0.to_be_bytes().into_iter();
    let bytes = sequence.chain(id.0.intent.to_be_bytes());
    let mut address = [0xff; 20];
    for (place, byte) in address.iter_mut().rev().zip(bytes.rev()) {
        *place = byte;
    }
    address
}
