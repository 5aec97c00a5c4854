//! The tray's icons: a bell whose shape tells the connection, and a badge beside it.
//!
//! Every icon is one colour on nothing, so a light and a dark variant differ in that colour alone, and the agent needs
//! only the coverage: `NAME.alpha` holds, for each of [`SIZES`] in turn, one byte a pixel.

use std::path::Path;

use crate::canvas::{IconError, png, read, render, write};

/// Name, pixels, margin in pixels, the grid it is drawn on. Whole multiples of a grid keep edges on pixels; 24 is 22
/// with a margin of one.
const SIZES: [(&str, u32, u32, Grid); 8] = [
    ("16", 16, 0, Grid::Small),
    ("22", 22, 0, Grid::Large),
    ("24", 24, 1, Grid::Large),
    ("32", 32, 0, Grid::Small),
    ("16@2x", 32, 0, Grid::Small),
    ("22@2x", 44, 0, Grid::Large),
    ("24@2x", 48, 2, Grid::Large),
    ("32@2x", 64, 0, Grid::Small),
];
/// What the agent embeds: 32 stands for 16@2x too.
const EMBEDDED: [&str; 7] = ["16", "22", "24", "32", "22@2x", "24@2x", "32@2x"];

/// For panels that are dark, and for those that are light. On macOS the dark one is the template image.
const INKS: [(&str, &str); 2] = [("light", "#f4f4f2"), ("dark", "#26292b")];

const BELLS: [(&str, &[&str]); 4] =
    [("solid", &["solid"]), ("half", &["half"]), ("hollow", &["hollow"]), ("slashed", &["solid", "slash"])];
const BADGES: [&str; 3] = ["none", "dot", "moon"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grid {
    Small,
    Large,
}

/// Groups by name, as the two SVGs of parts hold them.
struct Parts {
    grid: u32,
    file: String,
    svg: String,
}

impl Parts {
    fn read(icons: &Path, grid: u32) -> Result<Self, IconError> {
        let file = format!("parts-{grid}.svg");
        let svg = read(&icons.join("tray").join(&file))?;
        Ok(Self { grid, file, svg })
    }

    fn part(&self, name: &str) -> Result<&str, IconError> {
        let missing = || IconError::Part(self.file.clone(), name.to_owned());
        let (_, rest) = self.svg.split_once(&format!("<g id=\"{name}\">")).ok_or_else(missing)?;
        rest.split_once("</g>").map(|(part, _)| part.trim()).ok_or_else(missing)
    }

    /// One icon: the bell, with room cut out of it for what is laid over it.
    fn compose(&self, bell: &[&str], badge: &str, ink: &str) -> Result<String, IconError> {
        let over: Vec<&str> =
            bell.iter().skip(1).copied().chain((badge != "none").then_some(badge)).collect();
        let mut drawing = self.part(bell[0])?.to_owned();
        let mut masks = String::new();
        for (layer, name) in over.iter().enumerate() {
            let clear = self.part(&format!("{name}-clear"))?;
            masks += &format!(
                "<mask id=\"clear-{layer}\"><path fill=\"#fff\" d=\"M-1-1h40v40h-40z\"/><g fill=\"#000\">{clear}</g></mask>\n"
            );
            drawing = format!("<g mask=\"url(#clear-{layer})\">{drawing}</g>\n{}", self.part(name)?);
        }
        let grid = self.grid;
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {grid} {grid}\" width=\"{grid}\" height=\"{grid}\" fill=\"{ink}\">\n{masks}{drawing}\n</svg>\n"
        ))
    }
}

pub(crate) fn draw(icons: &Path) -> Result<(), IconError> {
    let (small, large) = (Parts::read(icons, 16)?, Parts::read(icons, 22)?);
    let folder = icons.join("tray");
    for (name, bell, badge) in states() {
        let mut coverage = Vec::new();
        for (ink, colour) in INKS {
            let drawn = [small.compose(bell, badge, colour)?, large.compose(bell, badge, colour)?];
            write(&folder.join(ink).join(format!("{name}.svg")), drawn[0].as_bytes())?;
            for (size, pixels, margin, grid) in SIZES {
                let svg = if grid == Grid::Small { &drawn[0] } else { &drawn[1] };
                let pixmap = render(svg, pixels, margin)?;
                write(&folder.join(ink).join(format!("{name}-{size}.png")), &png(&pixmap)?)?;
                if ink == "light" && EMBEDDED.contains(&size) {
                    coverage.extend(pixmap.pixels().iter().map(|pixel| pixel.alpha()));
                }
            }
        }
        write(&folder.join(format!("{name}.alpha")), &coverage)?;
    }
    Ok(())
}

/// Every icon there is: each bell with each badge, and the one that asks for the person.
fn states() -> Vec<(String, &'static [&'static str], &'static str)> {
    let mut states: Vec<(String, &'static [&'static str], &'static str)> = Vec::new();
    for (name, parts) in BELLS {
        for badge in BADGES {
            let name = if badge == "none" { name.to_owned() } else { format!("{name}-{badge}") };
            states.push((name, parts, badge));
        }
    }
    states.push(("attention".to_owned(), &["hollow"], "mark"));
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../icons");

    fn coverage(name: &str, grid: u32) -> Vec<u8> {
        let (_, bell, badge) = states().into_iter().find(|(state, ..)| state == name).unwrap();
        let svg = Parts::read(Path::new(ROOT), grid).unwrap().compose(bell, badge, "#fff").unwrap();
        render(&svg, grid, 0).unwrap().pixels().iter().map(|pixel| pixel.alpha()).collect()
    }

    #[test]
    fn every_state_has_a_shape_of_its_own_even_at_its_smallest() {
        for grid in [16, 22] {
            let shapes: Vec<_> =
                states().iter().map(|(name, ..)| (name.clone(), coverage(name, grid))).collect();
            for (at, (name, shape)) in shapes.iter().enumerate() {
                for (other, second) in &shapes[at + 1..] {
                    let unlike = shape.iter().zip(second).filter(|(a, b)| a.abs_diff(**b) > 96).count();
                    assert!(unlike >= 8, "{name} and {other} differ in {unlike} pixels of {grid}×{grid}");
                }
            }
        }
    }

    #[test]
    fn the_committed_coverage_is_what_the_parts_draw() {
        for (name, ..) in states() {
            let kept = std::fs::read(Path::new(ROOT).join("tray").join(format!("{name}.alpha"))).unwrap();
            let drawn = coverage(&name, 16);
            assert_eq!(kept.len(), 16 * 16 + 22 * 22 + 24 * 24 + 32 * 32 + 44 * 44 + 48 * 48 + 64 * 64);
            // renderers round a little differently from one processor to the next
            let off = drawn.iter().zip(&kept).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(off <= 4, "{name} is off by {off}; run `cargo xtask icons`");
        }
    }
}
