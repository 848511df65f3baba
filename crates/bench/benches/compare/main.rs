//! Times Tidemill's maths against the published crates in one run and prints the ratios.
//!
//! `cargo bench -p tidemill-bench [-- FILTER] [--json | --list]`, or, for an instruction counter,
//! `--workload NAME --iterations N`. Operations are independent of each other, so the times are
//! throughput of one core. Before a row is timed the crates' results are compared over all inputs.

mod allocation;
mod crypto_swap;
mod harness;
mod inputs;
mod mul_div;
mod raw_log_files;
mod raw_logs;
mod replay;
mod report;
mod side_by_side;
mod stable_swap;
mod stable_swap_ng;
mod staking_rewards;
mod swap_step;
mod tick_price;
mod weighted;
mod whole_swap;

use std::process::ExitCode;

use harness::Row;

type Build = fn() -> Result<Row, String>;

const WORKLOADS: &[(&str, Build)] = &[
    ("w1_tick_to_price", tick_price::to_price),
    ("w2_price_to_tick", tick_price::to_tick),
    ("w3_mul_div_full", mul_div::full),
    ("w3_mul_div_amount0", mul_div::amount0),
    ("w3_mul_div_amount1", mul_div::amount1),
    ("w3_mul_div_narrow", mul_div::narrow),
    ("w4_swap_step", swap_step::steps),
    ("w5_swap_0_crossings", whole_swap::none),
    ("w5_swap_1_crossing", whole_swap::one),
    ("w5_swap_10_crossings", whole_swap::ten),
    ("w5_swap_100_crossings", whole_swap::hundred),
    ("w5_made_0_crossings", whole_swap::none_made),
    ("w5_made_10_crossings", whole_swap::ten_made),
    ("w6_week_replayed", replay::market),
    ("w7_backtest", replay::backtest),
    ("w8_get_dy_4_coins", stable_swap::four_coins),
    ("w8_ng_get_dy", stable_swap_ng::four_coins),
    ("w9_weighted_out_given_in", weighted::out_given_in),
    ("w10_crypto_get_dy_two_crypto", crypto_swap::two_crypto),
    ("w10_crypto_get_dy_tricrypto2", crypto_swap::tricrypto2),
    ("w10_crypto_get_dy_tricrypto_ng", crypto_swap::tricrypto_ng),
    ("w11_staking_rewards_year", staking_rewards::year_of_hours),
    ("w12_votes_500_gauges", allocation::votes),
    ("w13_raw_swap_logs", raw_logs::swaps),
    ("w14_log_file_csv", raw_log_files::csv),
    ("w14_log_file_json", raw_log_files::json),
    ("w15_rules_recentre", replay::recentre_twins),
    ("w15_rules_volatility", replay::volatility_twins),
    ("w16_ten_price_taker", side_by_side::price_taker),
    ("w16_ten_re_executed", side_by_side::re_executed),
];

/// What the command line asks for.
#[derive(Debug, Default)]
struct Options {
    filter: Option<String>,
    json: bool,
    list: bool,
    workload: Option<String>,
    iterations: Option<u64>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            // Cargo adds it when it runs a benchmark.
            "--bench" => {}
            "--json" => options.json = true,
            "--list" => options.list = true,
            "--workload" => options.workload = Some(value()?),
            "--iterations" => {
                let count = value()?;
                let count = count.parse().map_err(|_| format!("{count} is not a count"))?;
                options.iterations = Some(count);
            }
            flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
            _ => options.filter = Some(argument),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    if let Some(name) = &options.workload {
        return run_one(name, options.iterations.unwrap_or(1));
    }
    let wanted = |name: &str| options.filter.as_ref().is_none_or(|part| name.contains(part));
    let mut json = Vec::new();
    let mut notes = Vec::new();
    if !options.json && !options.list {
        report::print_header();
    }
    for (name, build) in WORKLOADS.iter().filter(|(name, _)| wanted(name)) {
        let mut row = build().map_err(|message| format!("{name}: {message}"))?;
        if options.list {
            for (contestant, _) in &row.contestants {
                println!("{name}/{}", contestant.name());
            }
            continue;
        }
        let timing = harness::time(&mut row);
        if options.json {
            json.push(report::to_json(name, &row, &timing));
        } else {
            report::print_row(&row, &timing);
            notes.extend(row.notes.into_iter().map(|note| format!("{}: {note}", row.title)));
        }
    }
    if options.json {
        println!("{:#}", serde_json::Value::Array(json));
    }
    for note in notes {
        println!("{note}");
    }
    Ok(())
}

/// Runs one contestant of one workload, untimed.
fn run_one(name: &str, iterations: u64) -> Result<(), String> {
    let unknown = || format!("no workload {name}; see --list");
    let (workload, contestant) = name.split_once('/').ok_or_else(unknown)?;
    let (_, build) = WORKLOADS.iter().find(|(each, _)| *each == workload).ok_or_else(unknown)?;
    let mut row = build().map_err(|message| format!("{name}: {message}"))?;
    let run = row.contestants.iter_mut().find(|(each, _)| each.name() == contestant);
    let (_, run) = run.ok_or_else(unknown)?;
    harness::measured(run, iterations);
    Ok(())
}
