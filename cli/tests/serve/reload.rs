use super::*;

/// Waits until the server says something of the model's version.
#[track_caller]
fn wait_for(server: &Server, version: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while server.get("/v1/models/product").ok()["model_version_status"][0]["version"] != version {
        assert!(Instant::now() < until, "version {version} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_changed_file_takes_over_and_a_broken_one_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("product.keras");
    write_product(&path, 2.0);
    let server = Server::start("{} --reload 0.05", &[&path]);
    let one = json!({"instances": [[1.0]]});
    assert_eq!(server.predict("product", &one), json!({"predictions": [[2.0]]}));

    write_product(&path, 3.0);
    wait_for(&server, "2");
    assert_eq!(server.predict("product", &one), json!({"predictions": [[3.0]]}));
    assert_eq!(server.post("/v1/models/product/versions/1:predict", "{}").status, 404);

    std::fs::write(&path, "no model").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.predict("product", &one), json!({"predictions": [[3.0]]}));
    std::fs::remove_file(&path).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(server.predict("product", &one), json!({"predictions": [[3.0]]}));

    write_product(&path, 4.0);
    wait_for(&server, "3");
    assert_eq!(server.predict("product", &one), json!({"predictions": [[4.0]]}));
    server.signal("-TERM");
    let said = server.wait();
    assert!(said.contains("model product: version 2 loaded"), "{said}");
    assert!(said.contains("the changed file is not used, version 2 goes on: "), "{said}");
}

/// While versions change, every request is answered by one of them.
#[test]
fn requests_go_on_while_versions_change() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("product.keras");
    write_product(&path, 1.0);
    let server = Server::start("{} --reload 0.05", &[&path]);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut last = 0.0;
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let answer = server.predict("product", &json!({"instances": [[1]]}));
                    let version = flat(&answer["predictions"])[0];
                    assert!(version >= last, "{version} after {last}");
                    last = version;
                }
                assert_eq!(last, 3.0);
            });
        }
        for version in 2..=3 {
            write_product(&path, f64::from(version));
            wait_for(&server, &version.to_string());
        }
        std::thread::sleep(Duration::from_millis(100));
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
