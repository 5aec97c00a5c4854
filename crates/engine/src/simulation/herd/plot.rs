//! Two panels of arrivals over time, as an SVG that reads on light and dark pages alike.

use std::fmt::Write as _;

use super::{Return, SECONDS};

const WIDTH: f64 = 860.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const PANEL: f64 = 220.0;
const TOPS: [f64; 2] = [64.0, 388.0];
const HEIGHT: f64 = 656.0;

/// Powers of ten on the vertical axis.
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 5.0;

const INK: &str = "#7d8590";
const COLOURS: [&str; 3] = ["#d9822b", "#8b6fd6", "#2f8f83"];

fn x(second: f64) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * second / SECONDS as f64
}

fn y(top: f64, per_second: f64) -> f64 {
    let power = per_second.max(1.0).log10().clamp(LOWEST, HIGHEST);
    top + PANEL * (HIGHEST - power) / (HIGHEST - LOWEST)
}

/// The crash above, the restarts below.
pub(super) fn picture(runs: &[(&str, Return)]) -> String {
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="{INK}">
<title>Arrivals per second after 100,000 clients have lost one server</title>
"#
    );
    let (crash, restarts) = runs.split_at(1);
    panel(&mut svg, TOPS[0], "A crash: the server is back after 20 s, and takes 2,000 a second");
    let (_, run) = &crash[0];
    line(&mut svg, TOPS[0], &Return::per_second(&run.knocks), COLOURS[0]);
    line(&mut svg, TOPS[0], &Return::per_second(&run.admitted), COLOURS[2]);
    legend(&mut svg, TOPS[0], &[("knock", COLOURS[0]), ("are let in", COLOURS[2])]);
    panel(&mut svg, TOPS[1], "A planned restart: the server is back after 2 s");
    let mut names = Vec::new();
    for ((name, run), colour) in restarts.iter().zip(COLOURS) {
        line(&mut svg, TOPS[1], &Return::per_second(&run.knocks), colour);
        names.push((*name, colour));
    }
    legend(&mut svg, TOPS[1], &names);
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, top: f64, title: &str) {
    let right = WIDTH - RIGHT;
    let bottom = top + PANEL;
    let _ = writeln!(
        svg,
        r#"<text x="{LEFT}" y="{}" font-size="15" font-weight="600">{title}</text>"#,
        top - 38.0
    );
    for (power, label) in [(1, "10"), (2, "100"), (3, "1,000"), (4, "10,000"), (5, "100,000")] {
        let at = y(top, 10f64.powi(power));
        let _ = writeln!(
            svg,
            r#"<path d="M{LEFT} {at:.1}H{right}" stroke="{INK}" stroke-opacity="0.22"/><text x="{}" y="{:.1}" text-anchor="end" font-size="12">{label}</text>"#,
            LEFT - 8.0,
            at + 4.0
        );
    }
    let capacity = y(top, 2000.0);
    let _ = writeln!(
        svg,
        r#"<path d="M{LEFT} {capacity:.1}H{right}" stroke="{INK}" stroke-dasharray="2 4"/><text x="{right}" y="{:.1}" text-anchor="end" font-size="12">2,000: what the server takes</text>"#,
        capacity - 5.0
    );
    for second in (0..=SECONDS).step_by(20) {
        let _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="{:.1}" text-anchor="middle" font-size="12">{second}</text>"#,
            x(second as f64),
            bottom + 18.0
        );
    }
    let _ = writeln!(
        svg,
        r#"<text x="{right}" y="{:.1}" text-anchor="end" font-size="12">seconds since the loss</text><text x="{}" y="{:.1}" font-size="12">per second</text>"#,
        bottom + 36.0,
        8.0,
        top - 14.0
    );
}

fn line(svg: &mut String, top: f64, per_second: &[usize], colour: &str) {
    let mut path = String::new();
    let mut pen_is_down = false;
    for (second, count) in per_second.iter().enumerate() {
        if *count < 10 {
            pen_is_down = false;
            continue;
        }
        let command = if std::mem::replace(&mut pen_is_down, true) { 'L' } else { 'M' };
        let _ = write!(path, "{command}{:.1} {:.1}", x(second as f64 + 0.5), y(top, *count as f64));
    }
    let _ = writeln!(
        svg,
        r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>"#
    );
}

fn legend(svg: &mut String, top: f64, names: &[(&str, &str)]) {
    let mut at = LEFT + 90.0;
    for (name, colour) in names {
        let _ = writeln!(
            svg,
            r#"<path d="M{at:.1} {line:.1}h18" stroke="{colour}" stroke-width="3" stroke-linecap="round"/><text x="{text:.1}" y="{base:.1}">{name}</text>"#,
            line = top - 18.0,
            base = top - 14.0,
            text = at + 26.0
        );
        at += 50.0 + 7.2 * name.len() as f64;
    }
}
