//! The real binary, as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

/// A command of the binary on a data folder; nothing is inherited from the tester's environment.
pub(crate) fn lurcher(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lurcher"));
    for name in [
        "LURCHER_CONFIG",
        "LURCHER_LOG",
        "LURCHER_LISTEN",
        "LURCHER_SLOW_MS",
    ] {
        command.env_remove(name);
    }
    command.env("LURCHER_DATA", data);
    command
}

/// `lurcher import paths`
pub(crate) fn import(data: &Path, paths: &[PathBuf]) -> Command {
    let mut command = lurcher(data);
    command.arg("import").args(paths);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a process has printed, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Fails with what was printed unless the command went well.
pub(crate) fn assert_well(output: &Output) {
    assert!(
        output.status.success(),
        "{}: {}",
        output.status,
        text(&output.stderr)
    );
}

/// `lurcher serve` on a port of its own; killed when it is dropped.
pub(crate) struct Daemon {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Daemon {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Self {
        let mut command = lurcher(data);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Self::of(command.stderr(Stdio::inherit()))
    }

    /// Starts it by a command of the caller's, which must serve on loopback.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line:?}");
        Self { child, stdout, url }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let kill = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        status
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
