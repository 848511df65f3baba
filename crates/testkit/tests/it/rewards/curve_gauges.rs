//! Curve's gauges, controller, minter and token beside the real contracts.
