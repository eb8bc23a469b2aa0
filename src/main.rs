//! The `lurcher` binary: everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lurcher::app::cli::run()
}
