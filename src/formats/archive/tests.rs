use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// Names with contents or refusals, in the order of the walk.
fn seen(limits: &Limits, path: &Path) -> (Vec<(String, String)>, Result<(), WalkError>) {
    let mut seen = Vec::new();
    let end = walk_within(limits, path, None, &Arc::default(), &mut |name, bytes| {
        let content = match bytes {
            Ok(bytes) => {
                let mut text = String::new();
                match bytes.read_to_string(&mut text) {
                    Ok(_) => text,
                    Err(error) => format!("! {error}"),
                }
            }
            Err(refusal) => format!("! {refusal}"),
        };
        seen.push((name.to_owned(), content));
        ControlFlow::Continue(())
    });
    (seen, end)
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bzip.write_all(bytes).unwrap();
    bzip.finish().unwrap()
}

fn tarred(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = ::tar::Header::new_ustar();
        header.set_size(u64::try_from(bytes.len()).unwrap());
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn pair(name: &str, content: &str) -> (String, String) {
    (name.to_owned(), content.to_owned())
}

#[test]
fn an_archive_is_known_by_its_bytes_and_loses_its_ending() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "a.csv.gz", &gzipped(b"one"));
    file(
        folder.path(),
        "b.csv.ZST",
        &zstd::encode_all(&b"two"[..], 1).unwrap(),
    );
    file(
        folder.path(),
        "c.txt",
        &zipped(&[("z.csv", b"four"), ("d/a.csv", b"three")]),
    );
    file(folder.path(), "d/plain.gz", b"five");
    file(folder.path(), "e.csv.bz2", &bzipped(b"six"));
    let top = file_name(folder.path());

    let (seen, end) = seen(&LIMITS, folder.path());

    assert!(end.is_ok());
    let expected = [
        pair(&format!("{top}/a.csv"), "one"),
        pair(&format!("{top}/b.csv"), "two"),
        pair(&format!("{top}/c.txt/d/a.csv"), "three"),
        pair(&format!("{top}/c.txt/z.csv"), "four"),
        pair(&format!("{top}/d/plain.gz"), "five"),
        pair(&format!("{top}/e.csv"), "six"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn litter_links_and_nested_archives_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.add_symlink("link.csv", "/etc/passwd", options).unwrap();
    zip.add_directory("folder", options).unwrap();
    for (name, bytes) in [
        ("__MACOSX/._a.csv", b"x".to_vec()),
        ("b.csv", b"fine".to_vec()),
        ("nested.csv", zipped(&[("a.csv", b"x")])),
        ("packed.csv.gz", gzipped(b"once more")),
        ("twice.csv.gz", gzipped(&gzipped(b"x"))),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    let path = file(folder.path(), "x.zip", &zip.finish().unwrap().into_inner());

    let (seen, end) = seen(&LIMITS, &path);

    assert!(end.is_ok());
    let expected = [
        pair("x.zip/b.csv", "fine"),
        pair("x.zip/link.csv", "! a link inside an archive"),
        pair(
            "x.zip/nested.csv",
            "! a ZIP archive or office document inside an archive",
        ),
        pair("x.zip/packed.csv", "once more"),
        pair("x.zip/twice.csv", "! a gzip archive inside an archive"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_bomb_is_noticed_while_it_unfolds() {
    let folder = tempfile::tempdir().unwrap();
    let zeros = vec![b'0'; 4 << 20];
    let packed = zstd::encode_all(zeros.as_slice(), 19).unwrap();
    let path = file(folder.path(), "bomb.zst", &packed);

    let (seen, end) = seen(&LIMITS, &path);

    assert!(end.is_ok());
    assert_eq!(seen, [pair("bomb", "! packed more than 1000 to 1")]);
}

#[test]
fn a_tar_is_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let inner = zipped(&[("a", b"1")]);
    let tar = tarred(&[
        ("2024/b.bz2", &bzipped(b"two")),
        ("2024/a", b"one"),
        ("__MACOSX/a", b"x"),
        ("c.zip", &inner),
        ("d.tar", &tarred(&[("a", b"1")])),
    ]);
    let path = file(folder.path(), "x.tar", &tar);
    let short = file(folder.path(), "short.tar", tar.split_at(520).0);

    let (found, end) = seen(&LIMITS, &path);

    assert!(end.is_ok());
    let expected = [
        pair("x.tar/2024/a", "one"),
        pair("x.tar/2024/b", "two"),
        pair(
            "x.tar/c.zip",
            "! a ZIP archive or office document inside an archive",
        ),
        pair("x.tar/d.tar", "! a tar archive inside an archive"),
    ];
    assert_eq!(found, expected);
    let (_, end) = seen(&LIMITS, &short);
    assert!(matches!(end, Err(WalkError::Broken { .. })), "{end:?}");
}

#[test]
fn a_bomb_inside_a_tar_is_noticed_too() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = bzipped(&vec![b'0'; 4 << 20]);
    let packed = file(folder.path(), "bomb.bz2", &bomb);
    let path = file(folder.path(), "x.tar", &tarred(&[("bomb.bz2", &bomb)]));

    let why = "! packed more than 1000 to 1";
    assert_eq!(seen(&LIMITS, &packed).0, [pair("bomb", why)]);
    assert_eq!(seen(&LIMITS, &path).0, [pair("x.tar/bomb", why)]);
}

#[test]
fn every_limit_holds() {
    let folder = tempfile::tempdir().unwrap();
    let small = Limits {
        entries: 2,
        file_bytes: 10,
        archive_bytes: 15,
        ratio: 1_000,
        depth: 1,
    };
    let long = file(folder.path(), "long.csv", &[b'x'; 11]);
    let many = zipped(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let many = file(folder.path(), "many.zip", &many);
    let big = zipped(&[("a", &[b'x'; 9]), ("b", &[b'x'; 9])]);
    let big = file(folder.path(), "big.zip", &big);
    let many_tar = tarred(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let many_tar = file(folder.path(), "many.tar", &many_tar);
    let big_tar = tarred(&[("a", &[b'x'; 9]), ("b", &[b'x'; 9])]);
    let big_tar = file(folder.path(), "big.tar", &big_tar);
    file(folder.path(), "deep/1/2/a.csv", b"x");

    assert_eq!(
        seen(&small, &long).0,
        [pair("long.csv", "! larger than 10 bytes")]
    );
    let deep = folder.path().join("deep");
    for path in [&many, &big, &many_tar, &big_tar, &deep, folder.path()] {
        let (_, end) = seen(&small, path);
        assert!(
            matches!(end, Err(WalkError::TooMuch { .. })),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_broken_archive_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "x.zip", b"PK\x03\x04 and no more");
    let short = gzipped(&[b'x'; 1_000]);
    let gzip = file(folder.path(), "x.gz", short.split_at(20).0);

    let (_, end) = seen(&LIMITS, &path);
    let (half, _) = seen(&LIMITS, &gzip);

    assert!(matches!(end, Err(WalkError::Broken { .. })));
    assert!(half[0].1.starts_with("! "), "{half:?}");
    assert!(
        walk(
            &folder.path().join("none"),
            None,
            &Arc::default(),
            &mut |_, _| { ControlFlow::Continue(()) }
        )
        .is_err()
    );
}
