//! One strategy's section: its sum, its charts' places, what it did and how it was set up.

use super::markup::{escape, name, number, pairs, put, tone};
use super::{overview, wording};
use crate::format::{MISSING, MoneyFormat, count, decimal, percent, utc_minute};
use crate::terms::terms;
use crate::{Identity, StrategySheet, TearSheet};

/// Writes the section; `index` tells it from the others in links and colours.
pub(crate) fn panel(
    sheet: &TearSheet,
    strategy: &StrategySheet,
    index: usize,
    money: MoneyFormat,
) -> String {
    let quote = escape(&sheet.pool.quote_symbol);
    let mut html = format!(
        "<section class=\"panel s{}\" id=\"strategy-{index}\" data-strategy=\"{index}\">\
         <h3>{}</h3><p class=\"summary\">{}</p>",
        index % 8,
        name(&strategy.name),
        escape(&strategy.summary)
    );
    if let Some(stopped) = &strategy.stopped {
        let said = escape(&stopped.sentence());
        put(&mut html, format_args!("<p class=\"caution stopped\">✗ {said}</p>"));
    }
    html += &identity(sheet, strategy, money, &quote);
    html += &figures(strategy, money, sheet.pool.on_chain.is_some());
    html += "<div class=\"charts\">";
    let per = format!("{quote} per {}", escape(&sheet.pool.base_symbol));
    let note = wording::price_note(&sheet.pool, strategy);
    let on_chain = sheet.pool.on_chain.as_ref();
    html += &chart("price", wording::price_title(on_chain), &per, &note);
    html += &chart("value", "Value against holding", &quote, "");
    let (mut lvr, mut footprint) = (String::new(), String::new());
    if let Some(on) = on_chain {
        let earned = if sheet.programmes.is_empty() { "fees" } else { "fees and rewards" };
        html += &chart("fees", &format!("Cumulative {earned}"), &quote, "");
        lvr = format!(
            "LVR over the period: {} {quote}. It is another yardstick and no term of this sum.",
            number(&money.rounded(strategy.lvr_quote))
        );
        footprint = wording::footprint(on.provision, strategy);
    }
    html += &chart("waterfall", "Where the net comes from", &quote, &lvr);
    html += &format!("<div class=\"setup\">{footprint}{}</div>", setup(strategy));
    html += "</div>";
    html += &actions(strategy, money, on_chain.map(|_| quote.as_str()));
    html += &decisions(strategy, money, &quote);
    html += &refusals(strategy);
    html + "</section>"
}

/// Writes the sum with every digit, and whether it holds.
fn identity(
    sheet: &TearSheet,
    strategy: &StrategySheet,
    money: MoneyFormat,
    quote: &str,
) -> String {
    let identity = Identity::of(strategy);
    let holds = identity.holds();
    let term = |label: &str, sign: &str, amount: tidemill_units::SignedAmount| {
        let text = number(&money.exact(amount));
        let text = if amount.is_negative() { format!("({text})") } else { text };
        format!(
            "<span class=\"term\"><span>{sign}<b>{text}</b></span><small>{label}</small></span>"
        )
    };
    let sum = terms(sheet).into_iter().enumerate().map(|(place, each)| {
        let sign = match (place, each.adds) {
            (0, _) => "",
            (_, true) => "+ ",
            (_, false) => "\u{2212} ",
        };
        term(each.long, sign, (each.amount)(&identity))
    });
    let sum: Vec<_> = sum.collect();
    let net = number(&money.exact(identity.net));
    let verdict = match identity.difference() {
        _ if holds => "adds up to the raw unit".to_owned(),
        Some(raw) => format!(
            "does not add up: {} raw units here, {} in the run",
            number(&raw.to_string()),
            number(&identity.reported_difference.to_string())
        ),
        None => "does not add up: the sum is out of range".to_owned(),
    };
    let (class, mark) = if holds { ("holds", "✓") } else { ("fails", "✗") };
    format!(
        "<div class=\"identity {class}\"><div class=\"sum\">{}\
         <span class=\"term net\"><span>= <b>{net}</b></span>\
         <small>net versus hold, {quote}</small></span></div>\
         <p class=\"verdict\"><span aria-hidden=\"true\">{mark}</span> {verdict}</p></div>",
        sum.concat()
    )
}

fn figures(strategy: &StrategySheet, money: MoneyFormat, has_pool: bool) -> String {
    let signed = |text: String| format!("<span class=\"{}\">{}</span>", tone(&text), number(&text));
    let exact = |amount| {
        format!(
            "<span title=\"{}\">{}</span>",
            number(&money.exact(amount)),
            number(&money.rounded(amount))
        )
    };
    let sharpe = strategy.sharpe.map_or(MISSING.to_owned(), |value| decimal(value, 2));
    let locked = strategy.locked.iter().map(|locked| {
        let until = format!(" until {} UTC", utc_minute(locked.until_unix));
        ("Of the final value locked", exact(locked.value_quote) + &until)
    });
    let commission = (!strategy.commission_quote.is_zero())
        .then(|| ("Commission in the swap cost", exact(strategy.commission_quote)));
    let of_pool = has_pool.then(|| {
        [
            ("Time in range", number(&percent(strategy.time_in_range, false))),
            ("Rebalances", count(strategy.rebalances)),
        ]
    });
    pairs(
        "figures",
        [
            ("Deposit", exact(strategy.deposit_quote)),
            ("Final value", exact(strategy.final_quote)),
            ("Had it been held", exact(strategy.hold_final_quote)),
            ("Return", signed(percent(strategy.return_, true))),
            ("Return of holding", signed(percent(strategy.hold_return, true))),
            ("Max drawdown", number(&percent(strategy.max_drawdown, false))),
            ("Sharpe", number(&sharpe)),
        ]
        .into_iter()
        .chain(of_pool.into_iter().flatten())
        .chain(commission)
        .chain(locked),
    )
}

/// Writes the place of one chart, which the script fills.
fn chart(kind: &str, title: &str, unit: &str, note: &str) -> String {
    let note =
        if note.is_empty() { String::new() } else { format!("<p class=\"note\">{note}</p>") };
    format!(
        "<figure class=\"{kind}\"><figcaption>{title} <small>{unit}</small></figcaption>\
         <div class=\"legend\"></div><div class=\"plot\" data-chart=\"{kind}\"></div>\
         {note}</figure>"
    )
}

fn setup(strategy: &StrategySheet) -> String {
    let mut html = String::new();
    if !strategy.parameters.is_empty() {
        html += "<h4>Parameters</h4>";
        html += &overview::plain_table(&strategy.parameters);
    }
    put(
        &mut html,
        format_args!(
            "<h4>Digest of the run</h4><p><code class=\"hash\">{}</code></p>",
            escape(&strategy.digest)
        ),
    );
    html
}

/// Writes what was done, with blocks and gas where there is a chain.
fn actions(strategy: &StrategySheet, money: MoneyFormat, gas_in: Option<&str>) -> String {
    if strategy.actions.is_empty() {
        return "<p class=\"note\">No actions.</p>".to_owned();
    }
    let open = if strategy.actions.len() <= 12 { " open" } else { "" };
    let (block, gas) = gas_in.map_or((String::new(), String::new()), |quote| {
        let right = |name: &str| format!("<th scope=\"col\" class=\"right\">{name}</th>");
        (right("Block"), right(&format!("Gas, {quote}")))
    });
    let mut html = format!(
        "<details{open}><summary>Actions <small>{}</small></summary>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Actions\">\
         <table class=\"plain actions\"><thead><tr><th scope=\"col\">Time (UTC)</th>\
         {block}<th scope=\"col\">Action</th><th scope=\"col\">Detail</th>{gas}\
         </tr></thead><tbody>",
        count(u64::try_from(strategy.actions.len()).unwrap_or(u64::MAX))
    );
    for action in &strategy.actions {
        let (what, detail) = (escape(&action.what), escape(&action.detail));
        let when = utc_minute(action.unix);
        put(&mut html, format_args!("<tr><td class=\"when\">{when}</td>"));
        if gas_in.is_some() {
            put(&mut html, format_args!("<td class=\"right\">{}</td>", count(action.block)));
        }
        put(&mut html, format_args!("<td>{what}</td><td>{detail}</td>"));
        if gas_in.is_some() {
            let (exact, rounded) = (money.exact(action.gas_quote), money.rounded(action.gas_quote));
            let (exact, rounded) = (number(&exact), number(&rounded));
            put(&mut html, format_args!("<td class=\"right\" title=\"{exact}\">{rounded}</td>"));
        }
        html += "</tr>";
    }
    html + "</tbody></table></div></details>"
}

/// Writes what was expected beside what came of it.
fn decisions(strategy: &StrategySheet, money: MoneyFormat, quote: &str) -> String {
    if strategy.decisions.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<details><summary>Held to break even <small>{}</small></summary>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Decisions\">\
         <table class=\"plain\"><thead><tr><th scope=\"col\">Time (UTC)</th>\
         <th scope=\"col\">Decision</th><th scope=\"col\" class=\"right\">Cost, {quote}</th>\
         <th scope=\"col\" class=\"right\">Expected gain, {quote}</th>\
         <th scope=\"col\" class=\"right\">Gain, {quote}</th>\
         <th scope=\"col\" class=\"right\">Hours</th></tr></thead><tbody>",
        count(u64::try_from(strategy.decisions.len()).unwrap_or(u64::MAX))
    );
    for decision in &strategy.decisions {
        let (gain, hours) = match &decision.realised {
            Some(realised) => (
                number(&money.rounded(realised.gain_quote)),
                decimal(realised.after_seconds as f64 / 3_600.0, 1),
            ),
            None => (MISSING.to_owned(), MISSING.to_owned()),
        };
        put(
            &mut html,
            format_args!(
                "<tr><td class=\"when\">{}</td><td>{}</td><td class=\"right\">{}</td>\
                 <td class=\"right\">{}</td><td class=\"right\">{gain}</td>\
                 <td class=\"right\">{hours}</td></tr>",
                utc_minute(decision.unix),
                escape(&decision.what),
                number(&money.rounded(decision.predicted_cost_quote)),
                number(&money.rounded(decision.predicted_gain_quote)),
            ),
        );
    }
    html + "</tbody></table></div></details>"
}

fn refusals(strategy: &StrategySheet) -> String {
    if strategy.refusals.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<details open><summary>Refused by risk <small>{}</small></summary>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Refusals\">\
         <table class=\"plain\"><thead><tr><th scope=\"col\">Time (UTC)</th>\
         <th scope=\"col\">Reason</th></tr></thead><tbody>",
        count(u64::try_from(strategy.refusals.len()).unwrap_or(u64::MAX))
    );
    for (unix, reason) in &strategy.refusals {
        let (when, reason) = (utc_minute(*unix), escape(reason));
        put(&mut html, format_args!("<tr><td class=\"when\">{when}</td><td>{reason}</td></tr>"));
    }
    html + "</tbody></table></div></details>"
}
