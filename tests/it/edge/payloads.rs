//! What nobody honest writes into a form, made up from a few parts.

/// What turns the direction of writing.
pub(super) const BIDI: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

const MARKUP: [&str; 22] = [
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "</script><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<svg/onload=alert(1)//",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "`-alert(1)-`",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "</style><style>*{background:url(//evil.example)}",
    "{{constructor.constructor('alert(1)')()}}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "%s%s%n%x $(id) `id` ; id | id & id",
];

const SQL: [&str; 25] = [
    "' OR 1=1 --",
    "' OR 'a'='a",
    "\" OR \"a\"=\"a",
    "') OR ('a'='a",
    "'; DROP TABLE dog; --",
    "1; DELETE FROM race",
    "1); UPDATE run SET rug = 1; --",
    "' UNION SELECT sql FROM sqlite_master --",
    "' UNION ALL SELECT id, hash FROM key --",
    "' AND (SELECT count(*) FROM key) > 0 --",
    "'; ATTACH DATABASE 'x.db' AS x; --",
    "'; PRAGMA writable_schema = 1; --",
    "'; VACUUM INTO 'x.db'; --",
    "load_extension('x')",
    "' || load_extension('x') || '",
    "randomblob(1000000000)",
    "zeroblob(1e9)",
    "(SELECT 1)",
    "id DESC; --",
    "1 LIMIT 1 OFFSET 1",
    "x'41'",
    "?1",
    ":track_id",
    "@day",
    "/* */ OR 1 -- \\",
];

const ODDITIES: [&str; 57] = [
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "\\u0000",
    "\\n",
    "\"\"\"",
    "a,b;c\td|e",
    "\"a\",\"b\"",
    "a\"} 1",
    "race=\"1\"} 1 #",
    "a\"} 1\n# HELP fake x\nfake{b=\"c",
    "\r\nSet-Cookie: a=b",
    "a\r\nX-Evil: b",
    "a\n{\"level\":\"ERROR\"}",
    "a\u{2028}b",
    "a\u{2029}b",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://evil.example\u{7}here\u{1b}]8;;\u{7}",
    "\u{1b}P+q\u{1b}\\",
    "\u{9b}31m",
    "a\u{200b}b",
    "a\u{200c}b",
    "a\u{200d}b",
    "a\u{2060}b",
    "\u{feff}a",
    "\u{200b}",
    "\u{3164}",
    "a\u{ad}b",
    "\u{1f415}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{1f1e6}\u{1f1fa}",
    "\u{1f44d}\u{1f3fd}",
    "1\u{fe0f}\u{20e3}",
    "e\u{301}",
    "\u{e9}",
    "Z\u{35c}\u{35d}\u{361}\u{35c}\u{35d}a\u{321}\u{322}\u{327}\u{328}l",
    "\u{1112}\u{1161}\u{11ab}",
    "\u{fb01}",
    "\u{130}\u{131}\u{df}\u{1e9e}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{72d7}",
    "\u{ff1d}1+1",
    "\u{ff1c}script\u{ff1e}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "null",
    "NaN",
    "0",
    "-0",
    "1e999",
    "[object Object]",
];

const PATHS: [&str; 14] = [
    "../../../../etc/passwd",
    "..\\..\\..\\windows\\win.ini",
    "....//....//etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e%252f",
    "..%c0%af..%c0%afetc",
    "/etc/passwd",
    "file:///etc/passwd",
    "C:\\Windows\\system32\\cmd.exe",
    "\\\\evil.example\\share",
    "CON",
    "lurcher.db-wal",
    ".",
    "..",
];

/// Over 250 of them, no two alike.
pub(super) fn strange() -> Vec<String> {
    let mut all: Vec<String> = [&MARKUP[..], &SQL, &ODDITIES, &PATHS]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let controls = (0..=0x9f_u8).map(char::from).filter(|c| c.is_control());
    all.extend(controls.map(|c| format!("Do{c}g")));
    for turner in BIDI {
        all.push(format!("Dog {turner}gpj.exe"));
        all.push(format!("{turner}Dog"));
    }
    for sign in ['=', '+', '-', '@', '\t', '\r', '\0'] {
        for formula in [
            "1+1",
            "SUM(A1:A9)",
            "cmd|' /C calc'!A0",
            "HYPERLINK(\"http://evil.example\")",
        ] {
            all.push(format!("{sign}{formula}"));
        }
        all.push(format!("{sign}"));
    }
    for length in [59, 60, 61, 199, 200, 201, 10_000] {
        all.push("x".repeat(length));
        all.push("\u{e9}".repeat(length));
    }
    all
}

/// Over 500 of them: the strange ones, and those that try to end a value and go on in another
/// language.
pub(super) fn injected() -> Vec<String> {
    let mut all = strange();
    let ends = [
        "'",
        "\"",
        ")",
        "')",
        "';",
        "`",
        "\\'",
        "%27",
        "%00'",
        "2026-11-20'",
        "1'",
    ];
    for end in ends {
        let goes_on = SQL
            .iter()
            .map(|sql| format!("{end} {}", sql.trim_start_matches('\'')));
        all.extend(goes_on);
    }
    all
}

#[test]
fn there_are_enough_of_them_and_no_two_alike() {
    let distinct = |all: Vec<String>| all.into_iter().collect::<std::collections::BTreeSet<_>>();

    assert!(strange().len() >= 250, "{}", strange().len());
    assert!(injected().len() >= 500, "{}", injected().len());
    assert_eq!(distinct(injected()).len(), injected().len());
}
