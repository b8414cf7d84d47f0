use super::*;

/// Commands that have an example in their help.
const COMMANDS: [&str; 12] = [
    "predict",
    "evaluate",
    "fit",
    "summary",
    "inspect",
    "plot",
    "apps",
    "download",
    "backends",
    "convert",
    "bench",
    "completions",
];

#[test]
fn the_page_is_that_of_the_program() {
    let page = run(["page"]).ok();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    if std::env::var_os("KERAS_RS_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, page, "run the tests with KERAS_RS_BLESS=1 to write docs/cli.md");
}

#[test]
fn help_has_examples() {
    for name in COMMANDS {
        let help = run([name, "--help"]).ok();
        assert!(help.contains(&format!("Examples:\n  keras-rs {name}")), "{help}");
    }
    assert!(run(["--help"]).ok().contains("Examples:\n"));
}

#[test]
fn completions_of_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(["completions", shell]).ok();
        assert!(script.contains("inspect") && script.contains("keras-rs"), "{shell}");
    }
    run(["completions", "command.com"]).fails(2);
}

#[test]
fn man_pages() {
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("man1");
    run_line("man {}", &[&pages]).ok();
    for name in COMMANDS {
        let page = std::fs::read_to_string(pages.join(format!("keras-rs-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = run_line("man {}", &[&file]).fails(1);
    assert!(error.contains("cannot write man pages to "), "{error}");
}

#[test]
fn times_are_said_where_they_are_asked_for() {
    let run = run_line("predict --verbose", &[]);
    assert_eq!(run.code, Some(0));
    let times: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("time: ")).collect();
    assert_eq!(times.len(), 2, "{}", run.stderr);
    assert!(times[0].starts_with("time: load and build: ") && times[1].starts_with("time: first run: "));
    run_line("predict --verbose --quiet", &[]).fails(2);
}
