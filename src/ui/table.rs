use comfy_table::{ContentArrangement, Table};
use textwrap::core::display_width;

use super::{Look, clean};

/// Columns without borders, wide as the terminal; readable aloud line by line.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row.iter().map(|cell| clean(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A table that fits what it is shown on. Where a row would be too long, its last cell stands below it; where that is still
/// too long, every cell stands in a line of its own behind the name of its column.
pub fn listing(look: Look, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let whole = table(header, rows.iter().cloned());
    let fits =
        |text: &str| look.width.is_none_or(|width| text.lines().all(|line| display_width(line) <= width));
    if fits(&whole) {
        return whole;
    }
    let Some((last, others)) = header.split_last() else { return whole };
    let without_last = table(others, rows.iter().map(|row| row[..others.len().min(row.len())].to_vec()));
    if fits(&without_last) {
        let mut lines = without_last.lines();
        let heading = lines.next().unwrap_or_default().to_owned();
        let below = lines.zip(&rows).map(|(line, row)| match row.get(others.len()) {
            Some(cell) if !cell.is_empty() => {
                format!("{line}\n{}", look.hanging(&format!("  {}: ", last.to_lowercase()), &clean(cell)))
            }
            _ => line.to_owned(),
        });
        return [heading].into_iter().chain(below).collect::<Vec<_>>().join("\n");
    }
    let paragraph = |row: &Vec<String>| {
        let cells = header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let line = |(name, cell): (&&str, &String)| {
            look.hanging(&format!("{}: ", name.to_lowercase()), &clean(cell))
        };
        cells.map(line).collect::<Vec<_>>().join("\n")
    };
    rows.iter().map(paragraph).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[&str] = &["MAILBOX", "STATE", "NEXT"];

    fn shown(width: Option<usize>) -> String {
        let next = "prove that it works: mesh-onboard check X26ABC1";
        let rows = [["X26ABC1", "current", next], ["X26ABC2", "ready", ""]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        listing(Look { signs: false, width }, HEADER, rows)
    }

    #[test]
    fn lines_that_programs_read_stay_whole() {
        assert_eq!(shown(None).lines().count(), 3);
        assert_eq!(shown(None), shown(Some(100)));
    }

    #[test]
    fn last_cell_goes_below_where_a_row_is_too_long() {
        let text = shown(Some(50));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..3],
            ["MAILBOX  STATE", "X26ABC1  current", "  next: prove that it works: mesh-onboard check"]
        );
        assert_eq!(lines.last(), Some(&"X26ABC2  ready"));
        assert!(lines.iter().all(|line| line.len() <= 50), "{text}");
    }

    #[test]
    fn cells_stand_behind_their_names_where_columns_do_not_fit() {
        let text = shown(Some(15));
        assert!(text.starts_with("mailbox: X26ABC1\nstate: current\nnext: prove"), "{text}");
        assert!(text.ends_with("\n\nmailbox: X26ABC2\nstate: ready"), "{text}");
    }
}
