use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use keras_rs_applications::{Downloader, Error, Hash, Variant, WEIGHTS_URL, WeightFile};
use md5::{Digest, Md5};
use sha2::Sha256;
use tempfile::TempDir;

use crate::server::{self, Answer, Server, broken_off, rangeless, status, unannounced, whole};

const NAME: &str = "net_weights.h5";

/// A file of 100,000 bytes, no part of which repeats another.
fn bytes() -> Vec<u8> {
    (0_u32..25_000).flat_map(|i| (i.wrapping_mul(2_654_435_761) % 4_000_037).to_le_bytes()).collect()
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

struct Case {
    home: TempDir,
    server: Server,
    file: WeightFile,
}

impl Case {
    fn new(answers: Vec<Box<Answer>>) -> Self {
        let server = Server::start(answers);
        let hash = Hash::parse(&hex(&Md5::digest(bytes()))).unwrap();
        Self {
            home: tempfile::tempdir().unwrap(),
            file: WeightFile::new(NAME, format!("{WEIGHTS_URL}/net/{NAME}"), Some(hash)),
            server,
        }
    }

    fn downloader(&self) -> Downloader {
        Downloader::new(self.home.path())
            .mirror(self.server.url.clone())
            .progress(false)
            .timeout(Duration::from_secs(5))
            .retries(0, Duration::ZERO)
    }

    fn cached(&self) -> PathBuf {
        self.home.path().join("models").join(NAME)
    }

    fn put(&self, name: &str, content: &[u8]) {
        fs::create_dir_all(self.home.path().join("models")).unwrap();
        fs::write(self.home.path().join("models").join(name), content).unwrap();
    }

    /// Asserts that nothing was left that could pass for the file.
    fn assert_nothing_cached(&self) {
        assert!(!self.cached().exists());
    }

    fn assert_cached(&self, fetched: Result<PathBuf, Error>) {
        assert_eq!(fetched.unwrap(), self.cached());
        assert_eq!(fs::read(self.cached()).unwrap(), bytes());
        let part = self.home.path().join(format!("models/.{NAME}.part"));
        assert!(!part.exists());
    }
}

#[test]
fn a_good_file_is_downloaded_once() {
    let case = Case::new(vec![whole(&bytes())]);
    case.assert_cached(case.downloader().fetch(&case.file));
    case.assert_cached(case.downloader().fetch(&case.file));
    assert_eq!(case.server.requests(), [None]);
}

#[test]
fn a_sha256_is_known_by_its_length() {
    let mut case = Case::new(vec![whole(&bytes())]);
    let hash = Hash::parse(&hex(&Sha256::digest(bytes())).to_uppercase()).unwrap();
    case.file = WeightFile::new(NAME, case.file.url(), Some(hash));
    case.assert_cached(case.downloader().fetch(&case.file));
}

#[test]
fn a_broken_download_is_resumed_at_once() {
    let case = Case::new(vec![broken_off(&bytes(), 70_000), status(503), whole(&bytes())]);
    let downloader = case.downloader().retries(3, Duration::ZERO);
    case.assert_cached(downloader.fetch(&case.file));
    let requests = case.server.requests();
    assert_eq!((requests[0], requests.len()), (None, 3));
    // How much of what was sent arrived is up to the network.
    assert!(requests[2].is_some_and(|start| start > 0 && start <= 70_000), "{requests:?}");
}

#[test]
fn a_broken_download_is_resumed_by_the_next_call() {
    let case = Case::new(vec![broken_off(&bytes(), 70_000), whole(&bytes())]);
    let error = case.downloader().fetch(&case.file).unwrap_err();
    assert!(matches!(&error, Error::Transfer { received, .. } if *received <= 70_000), "{error}");
    case.assert_nothing_cached();
    case.assert_cached(case.downloader().fetch(&case.file));
    assert!(case.server.requests()[1].is_some());
}

#[test]
fn a_server_without_ranges_starts_over() {
    let case = Case::new(vec![rangeless(&bytes(), 70_000), rangeless(&bytes(), usize::MAX)]);
    case.downloader().fetch(&case.file).unwrap_err();
    case.assert_cached(case.downloader().fetch(&case.file));
    assert!(case.server.requests()[1].is_some());
}

#[test]
fn a_truncated_file_is_not_kept_as_whole() {
    let case = Case::new(vec![rangeless(&bytes(), 70_000)]);
    let downloader = case.downloader().retries(2, Duration::ZERO);
    let error = downloader.fetch(&case.file).unwrap_err();
    assert!(matches!(error, Error::Transfer { .. }), "{error}");
    assert_eq!(case.server.requests().len(), 3);
    case.assert_nothing_cached();

    let case = Case::new(vec![unannounced(&bytes()[..70_000])]);
    let error = case.downloader().fetch(&case.file).unwrap_err();
    assert!(matches!(error, Error::HashMismatch { .. }), "{error}");
    case.assert_nothing_cached();
}

#[test]
fn a_wrong_file_is_refused_and_forgotten() {
    let case = Case::new(vec![whole(b"something else"), whole(&bytes())]);
    let error = case.downloader().fetch(&case.file).unwrap_err();
    let expected_hash = hex(&Md5::digest(bytes()));
    assert!(
        matches!(&error, Error::HashMismatch { algorithm: "md5", expected, .. } if *expected == expected_hash),
        "{error}"
    );
    case.assert_nothing_cached();
    case.assert_cached(case.downloader().fetch(&case.file));
    assert_eq!(case.server.requests(), [None, None]);
}

#[test]
fn a_stale_half_is_replaced() {
    for stale in [vec![7; 500], vec![7; 200_000]] {
        let case = Case::new(vec![whole(&bytes())]);
        case.put(&format!(".{NAME}.part"), &stale);
        case.assert_cached(case.downloader().fetch(&case.file));
        assert_eq!(case.server.requests(), [Some(stale.len()), None]);
    }
}

#[test]
fn a_whole_part_only_wants_renaming() {
    let case = Case::new(vec![whole(&bytes())]);
    case.put(&format!(".{NAME}.part"), &bytes());
    case.assert_cached(case.downloader().fetch(&case.file));
    assert_eq!(case.server.requests(), [Some(bytes().len())]);
}

#[test]
fn error_statuses_are_told() {
    for (code, tries) in [(404, 1), (403, 1), (500, 3), (503, 3)] {
        let case = Case::new(vec![status(code)]);
        let downloader = case.downloader().retries(2, Duration::ZERO);
        let error = downloader.fetch(&case.file).unwrap_err();
        assert!(matches!(&error, Error::HttpStatus { status, .. } if *status == code), "{error}");
        assert!(error.to_string().contains(&case.server.url), "{error}");
        assert_eq!(case.server.requests().len(), tries);
        case.assert_nothing_cached();
    }
}

#[test]
fn a_good_cached_file_needs_no_request() {
    let case = Case::new(vec![status(500)]);
    case.put(NAME, &bytes());
    case.assert_cached(case.downloader().fetch(&case.file));
    case.assert_cached(case.downloader().offline(true).fetch(&case.file));
    assert!(case.server.requests().is_empty());
}

#[test]
fn a_bad_cached_file_is_replaced() {
    let case = Case::new(vec![whole(&bytes())]);
    case.put(NAME, b"half a fi");
    case.assert_cached(case.downloader().fetch(&case.file));
    assert_eq!(case.server.requests(), [None]);
}

#[test]
fn a_bad_cached_file_outlives_a_failed_download() {
    let case = Case::new(vec![status(404)]);
    case.put(NAME, b"half a fi");
    case.downloader().fetch(&case.file).unwrap_err();
    assert_eq!(fs::read(case.cached()).unwrap(), b"half a fi");
}

#[test]
fn offline_says_what_to_put_where() {
    let case = Case::new(vec![whole(&bytes())]);
    let offline = case.downloader().offline(true);
    let error = offline.fetch(&case.file).unwrap_err();
    assert!(matches!(&error, Error::Offline { path, rejected: false, .. } if *path == case.cached()));
    let text = error.to_string();
    assert!(text.contains(&format!("{}/net/{NAME}", case.server.url)), "{text}");
    assert!(text.contains(case.cached().to_str().unwrap()), "{text}");

    case.put(NAME, b"half a fi");
    let error = offline.fetch(&case.file).unwrap_err();
    assert!(matches!(error, Error::Offline { rejected: true, .. }), "{error}");
    assert!(case.server.requests().is_empty());

    let vgg = Variant::find("VGG16").unwrap().weights(false);
    let error = Downloader::new(case.home.path()).offline(true).fetch(&vgg).unwrap_err();
    assert!(error.to_string().contains(vgg.url()), "{error}");
}

#[test]
fn sizes_are_bounded() {
    for answer in [whole(&bytes()), unannounced(&bytes())] {
        let case = Case::new(vec![answer]);
        let error = case.downloader().max_bytes(99_999).fetch(&case.file).unwrap_err();
        assert!(matches!(error, Error::DownloadTooLarge { limit: 99_999, .. }), "{error}");
        case.assert_nothing_cached();
    }
    let case = Case::new(vec![whole(&bytes())]);
    case.assert_cached(case.downloader().max_bytes(100_000).fetch(&case.file));
}

#[test]
fn a_server_that_stands_still_is_given_up() {
    let silent: Box<Answer> = Box::new(|stream, _| {
        server::whole(&bytes())(&mut stream.try_clone().unwrap(), Some(99_000));
        std::thread::sleep(Duration::from_secs(60));
    });
    let mute: Box<Answer> = Box::new(|_, _| std::thread::sleep(Duration::from_secs(60)));
    for answer in [silent, mute] {
        let case = Case::new(vec![answer]);
        let started = Instant::now();
        let downloader = case.downloader().timeout(Duration::from_millis(300));
        let error = downloader.fetch(&case.file).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(20), "{error}");
        case.assert_nothing_cached();
    }
}

#[test]
fn an_absent_server_is_told() {
    let mut case = Case::new(vec![whole(&bytes())]);
    case.file = WeightFile::new(NAME, "http://127.0.0.1:1/net", case.file.hash().cloned());
    let error = case.downloader().fetch(&case.file).unwrap_err();
    assert!(matches!(&error, Error::Transfer { received: 0, .. }), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn other_schemes_and_paths_are_refused() {
    let case = Case::new(vec![whole(&bytes())]);
    for url in ["file:///etc/hostname", "ftp://localhost/x", "net.h5"] {
        let error = case.downloader().fetch(&WeightFile::new(NAME, url, None)).unwrap_err();
        assert!(matches!(error, Error::UrlScheme { .. }), "{error}");
    }
    for name in ["../x.h5", "a/b.h5", "", ".", "..", "c:x", "a\\b"] {
        let error = case.downloader().fetch(&WeightFile::new(name, "http://x", None)).unwrap_err();
        assert!(matches!(error, Error::Argument { argument: "file_name", .. }), "{error}");
    }
}

#[test]
fn many_at_once_download_once() {
    let slow: Box<Answer> = Box::new(|stream, range| {
        std::thread::sleep(Duration::from_millis(200));
        whole(&bytes())(stream, range);
    });
    let case = Case::new(vec![slow]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| case.assert_cached(case.downloader().fetch(&case.file)));
        }
    });
    assert_eq!(case.server.requests(), [None]);
}
