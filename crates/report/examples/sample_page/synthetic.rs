//! A made-up tear sheet: a random walk from a fixed seed, not a market.

use tidemill_report::{
    ActionRow, Footprint, OnChain, PoolHeader, PricePoint, Provenance, Provision, RangeSpan,
    StrategySheet, TearSheet, ValuePoint,
};
use tidemill_units::SignedAmount;

const START: u64 = 1_733_011_200;
const STEP: u64 = 300;
const STEPS: u64 = 7 * 86_400 / STEP;
const DEPOSIT: f64 = 100_000.0;
const PRICE: f64 = 3_700.0;
const GAS: f64 = 11.75;

/// How a made-up strategy behaves.
struct Plan {
    name: &'static str,
    summary: &'static str,
    /// Half the width of its range as a part of the price; `None` holds both tokens.
    half_width: Option<f64>,
    recentres: bool,
    footprint: Footprint,
}

const PLANS: [Plan; 5] = [
    Plan {
        name: "Hold both tokens",
        summary: "The baseline: half of each token at the start, untouched.",
        half_width: None,
        recentres: false,
        footprint: Footprint::PriceTaker,
    },
    Plan {
        name: "Full range",
        summary: "Fees on every swap at any price outweigh a small, steady loss to price moves.",
        half_width: Some(1.0),
        recentres: false,
        footprint: Footprint::PriceTaker,
    },
    Plan {
        name: "Fixed range ±5 %",
        summary: "Within a week the price seldom leaves a narrow range, so concentrate there.",
        half_width: Some(0.05),
        recentres: false,
        footprint: Footprint::PriceTaker,
    },
    Plan {
        name: "Recentre at 2.5 %",
        summary: "Staying in range earns more than each move's swap, fees and gas cost.",
        half_width: Some(0.025),
        recentres: true,
        footprint: Footprint::ReExecuted,
    },
    Plan {
        name: "Volatility-scaled",
        summary: "A range three daily deviations wide balances time in range and concentration.",
        half_width: Some(0.04),
        recentres: true,
        footprint: Footprint::ReExecuted,
    },
];

/// Returns a sheet with four strategies over seven days.
pub(crate) fn tear_sheet() -> TearSheet {
    tear_sheet_of(4)
}

/// Returns a sheet with so many strategies.
pub(crate) fn tear_sheet_of(strategies: usize) -> TearSheet {
    let price = walk();
    let sheets = (0..strategies).map(|index| {
        let mut sheet = Run::new(&PLANS[index % PLANS.len()], &price).sheet();
        if index >= PLANS.len() {
            sheet.name = format!("{} {}", sheet.name, index / PLANS.len() + 1);
        }
        sheet
    });
    TearSheet {
        programmes: Vec::new(),
        other_pools: Vec::new(),
        exchanges: Vec::new(),
        title: "SYNTHETIC sample: one week, not a market".to_owned(),
        pool: PoolHeader {
            name: "USDC/WETH 0.05 %".to_owned(),
            on_chain: Some(OnChain {
                chain: "No chain (synthetic)".to_owned(),
                address: "0x0000000000000000000000000000000000000000".to_owned(),
                provision: Provision::Ranges,
                token_count: 2,
                first_block: 21_303_934,
                last_block: 21_354_100,
                swaps: 38_235,
            }),
            base_symbol: "WETH".to_owned(),
            quote_symbol: "USDC".to_owned(),
            quote_decimals: 6,
            from_unix: START,
            to_unix: START + STEP * STEPS,
            events: 39_885,
        },
        strategies: sheets.collect(),
        price,
        provenance: Provenance {
            tidemill_version: "0.1.0".to_owned(),
            tape_blake3: Some("00".repeat(32)),
            command: "cargo run -p tidemill-report --example sample_page -- page.html".to_owned(),
        },
        notes: vec![
            "Everything here is made up from a seeded random walk, to look at the layout.".into(),
        ],
    }
}

/// Draws a random walk of about 4 % a day; the sum of twelve uniforms stands in for a normal.
fn walk() -> Vec<PricePoint> {
    let mut state: u64 = 20_241_201;
    let mut uniform = || {
        state = state * 48_271 % 2_147_483_647;
        state as f64 / 2_147_483_647.0
    };
    let mut price = PRICE;
    let mut points = Vec::new();
    for index in 0..=STEPS {
        points.push(PricePoint { unix: START + index * STEP, price });
        let normal: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        price *= (normal * 0.036 / 288_f64.sqrt()).exp();
    }
    points
}

/// One made-up strategy stepping through the walk.
struct Run<'a> {
    plan: &'a Plan,
    price: &'a [PricePoint],
    lower: f64,
    upper: f64,
    liquidity: f64,
    fees: f64,
    lvr: f64,
    swap_cost: f64,
    gas: f64,
    in_range: u64,
    rebalances: u64,
    value: Vec<ValuePoint>,
    cumulative_fees: Vec<(u64, f64)>,
    ranges: Vec<RangeSpan>,
    actions: Vec<ActionRow>,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, price: &'a [PricePoint]) -> Self {
        let mut run = Self {
            plan,
            price,
            lower: 0.0,
            upper: 0.0,
            liquidity: 0.0,
            fees: 0.0,
            lvr: 0.0,
            swap_cost: 0.0,
            gas: 0.0,
            in_range: 0,
            rebalances: 0,
            value: Vec::new(),
            cumulative_fees: Vec::new(),
            ranges: Vec::new(),
            actions: Vec::new(),
        };
        if plan.half_width.is_some() {
            run.gas += GAS;
            run.open(price[0], DEPOSIT - GAS);
            run.act(price[0].unix, "mint", GAS);
        }
        for index in 0..price.len() {
            run.step(index);
        }
        run
    }

    fn open(&mut self, at: PricePoint, funds: f64) {
        let half_width = self.plan.half_width.unwrap_or(1.0);
        let full_range = half_width >= 1.0;
        self.lower = if full_range { 1e-12 } else { at.price * (1.0 - half_width) };
        self.upper = if full_range { 1e18 } else { at.price * (1.0 + half_width) };
        self.liquidity = 1.0;
        self.liquidity = funds / self.principal(at.price);
        if let Some(last) = self.ranges.last_mut() {
            last.to_unix = at.unix;
        }
        self.ranges.push(RangeSpan {
            from_unix: at.unix,
            to_unix: START + STEP * STEPS,
            lower_price: self.lower,
            upper_price: self.upper,
            full_range,
        });
    }

    fn principal(&self, price: f64) -> f64 {
        let at = price.clamp(self.lower, self.upper).sqrt();
        let base = self.base(price);
        base * price + self.liquidity * (at - self.lower.sqrt())
    }

    fn base(&self, price: f64) -> f64 {
        let at = price.clamp(self.lower, self.upper).sqrt();
        self.liquidity * (1.0 / at - 1.0 / self.upper.sqrt())
    }

    fn step(&mut self, index: usize) {
        let now = self.price[index];
        let hold = DEPOSIT * 0.5 * (1.0 + now.price / PRICE);
        if self.plan.half_width.is_none() {
            self.value.push(ValuePoint { unix: now.unix, value: hold, hold });
            self.cumulative_fees.push((now.unix, 0.0));
            return;
        }
        let before = self.price[index.saturating_sub(1)].price;
        let inside = self.lower < now.price && now.price < self.upper;
        if index > 0 {
            let kept = self.base(before) * (now.price - before);
            self.lvr += kept - (self.principal(now.price) - self.principal(before));
        }
        if inside {
            self.in_range += 1;
            self.fees += self.liquidity * 0.000_000_9 * (now.price - before).abs().sqrt() * 40.0;
        } else if self.plan.recentres {
            self.recentre(now);
        }
        let value = self.principal(now.price) + self.fees;
        self.value.push(ValuePoint { unix: now.unix, value, hold });
        self.cumulative_fees.push((now.unix, self.fees));
    }

    fn recentre(&mut self, now: PricePoint) {
        let funds = self.principal(now.price);
        let cost = funds * 0.5 * 0.000_6;
        self.act(now.unix, "burn", GAS * 0.4);
        self.swap_cost += cost;
        self.gas += GAS * 1.9;
        self.rebalances += 1;
        self.open(now, funds - cost - GAS * 1.9);
        self.act(now.unix, "swap", GAS * 0.5);
        self.act(now.unix, "mint", GAS);
    }

    fn act(&mut self, unix: u64, what: &str, gas: f64) {
        self.actions.push(ActionRow {
            unix,
            block: 21_303_934 + (unix - START) / 12,
            what: what.to_owned(),
            detail: format!("range {:.2} to {:.2} USDC", self.lower, self.upper),
            gas_quote: raw(gas),
        });
    }

    fn sheet(self) -> StrategySheet {
        let last = self.value[self.value.len() - 1];
        let return_ = last.value / DEPOSIT - 1.0;
        let net = difference(raw(last.value), raw(last.hold));
        let earned = difference(raw(self.fees), net);
        let il = difference(difference(earned, raw(self.swap_cost)), raw(self.gas));
        let provides = self.plan.half_width.is_some();
        let price_taker = provides && self.plan.footprint == Footprint::PriceTaker;
        StrategySheet {
            name: self.plan.name.to_owned(),
            summary: self.plan.summary.to_owned(),
            parameters: vec![
                ("deposit_quote".to_owned(), "100000 USDC".to_owned()),
                ("half_width_bps".to_owned(), half_width_bps(self.plan)),
            ],
            footprint: self.plan.footprint,
            dilution_bound: price_taker.then_some(0.006_3),
            fees_quote: raw(self.fees),
            rewards_quote: SignedAmount::ZERO,
            il_quote: il,
            lvr_quote: raw(self.lvr),
            swap_cost_quote: raw(self.swap_cost),
            commission_quote: raw(0.0),
            funding_quote: raw(0.0),
            hedge_quote: raw(0.0),
            gas_quote: raw(self.gas),
            net_quote: net,
            deposit_quote: raw(DEPOSIT),
            final_quote: raw(last.value),
            hold_final_quote: raw(last.hold),
            time_in_range: self.in_range as f64 / self.value.len() as f64,
            return_,
            annualised_return: (1.0 + return_).powf(365.0 / 7.0) - 1.0,
            hold_return: last.hold / DEPOSIT - 1.0,
            max_drawdown: drawdown(&self.value),
            sharpe: provides.then_some(return_ * 140.0),
            rebalances: self.rebalances,
            digest: "0123456789abcdef".repeat(4),
            value: self.value,
            cumulative_fees: self.cumulative_fees,
            cumulative_rewards: Vec::new(),
            ranges: self.ranges,
            actions: self.actions,
            refusals: if self.rebalances > 4 {
                vec![(START + 90_000, "exposure limit: 62,000 of 60,000 USDC".to_owned())]
            } else {
                Vec::new()
            },
            stopped: None,
            decisions: Vec::new(),
            locked: Vec::new(),
            identity_difference: SignedAmount::ZERO,
        }
    }
}

fn half_width_bps(plan: &Plan) -> String {
    plan.half_width.map_or("none".to_owned(), |part| format!("{:.0}", part * 10_000.0))
}

fn drawdown(points: &[ValuePoint]) -> f64 {
    let mut peak = f64::MIN;
    points.iter().fold(0.0, |worst: f64, point| {
        peak = peak.max(point.value);
        worst.max(1.0 - point.value / peak)
    })
}

fn raw(whole: f64) -> SignedAmount {
    SignedAmount::from_i128((whole * 1e6).round() as i128)
}

fn difference(left: SignedAmount, right: SignedAmount) -> SignedAmount {
    left.checked_sub(right).expect("made-up amounts are small")
}
