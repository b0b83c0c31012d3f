//! The manual page: every command with its options, made of the comments that are the help.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

use super::command;

/// Writes one page for the whole program: its own options first, then a section for each command.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    let mut program = command();
    program.build();
    let page = Man::new(program.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    commands(&program, out)?;
    page.render_version_section(out)
}

fn commands(parent: &Command, out: &mut dyn Write) -> io::Result<()> {
    for command in parent.get_subcommands() {
        if command.has_subcommands() {
            commands(command, out)?;
            continue;
        }
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
        let page = Man::new(command.clone());
        let mut sections = Vec::new();
        page.render_synopsis_section(&mut sections)?;
        page.render_description_section(&mut sections)?;
        page.render_options_section(&mut sections)?;
        // Sections of a command are parts of its own section.
        let sections = String::from_utf8_lossy(&sections).replace(".SH ", ".SS ");
        out.write_all(sections.as_bytes())?;
    }
    Ok(())
}
