use super::*;
use std::thread;

/// How long each measurement takes.
const TIME: Duration = Duration::from_secs(4);

/// Writes a model whose weights (3 times 1024 by 1024) are the work, which a batch reads once.
fn write_wide(path: &Path) {
    let layer = || Dense::new(1024).activation("relu");
    let model =
        Sequential::new().add(Input::new([1024])).add(layer()).add(layer()).add(layer()).build().unwrap();
    model.save(path).unwrap();
}

/// Answers a second and the median and 99th percentile of their times, of clients that ask one after the other.
fn measure(server: &Server, clients: usize) -> (f64, f64, f64) {
    let body = json!({"instances": [vec![1; 1024]]}).to_string();
    let path = "/v1/models/wide:predict";
    let text = format!("POST {path} HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let ask = || {
        let mut stream = server.connect();
        let (started, mut times) = (Instant::now(), Vec::new());
        while started.elapsed() < TIME {
            let sent = Instant::now();
            stream.write_all(text.as_bytes()).unwrap();
            assert_eq!(Reply::read(&mut stream).unwrap().status, 200);
            times.push(sent.elapsed().as_secs_f64() * 1e3);
        }
        times
    };
    let mut times: Vec<f64> = thread::scope(|scope| {
        let clients: Vec<_> = (0..clients).map(|_| scope.spawn(ask)).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    (times.len() as f64 / TIME.as_secs_f64(), at(0.5), at(0.99))
}

/// The table in `docs/serving.md`.
#[test]
#[ignore = "a measurement, not a check"]
fn throughput_with_and_without_batching() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wide.keras");
    write_wide(&path);
    for options in ["--max-batch 1", "--max-batch 32 --max-wait-ms 0", "--max-batch 32 --max-wait-ms 2"] {
        let server = Server::start(&format!("{{}} {options}"), &[&path]);
        for clients in [1, 8, 64] {
            let (rate, median, worst) = measure(&server, clients);
            println!("{options:<30} {clients:>3} clients {rate:>8.0}/s  {median:>7.2} ms  {worst:>7.2} ms");
        }
    }
}

/// Resident memory of the server, in MB.
#[cfg(target_os = "linux")]
fn memory(server: &Server) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1e3
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "takes a minute"]
fn memory_stays_flat_over_100_000_requests() {
    const CLIENTS: usize = 8;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("product.keras");
    write_product(&path, 2.0);
    let server = Server::start("{}", &[&path]);
    let ask = |count: usize| {
        let mut stream = server.connect();
        let body = "{\"instances\": [[4]]}";
        let head = format!(
            "POST /v1/models/product:predict HTTP/1.1\r\nHost: here\r\nContent-Length: {}",
            body.len()
        );
        for _ in 0..count / CLIENTS {
            stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
            assert_eq!(Reply::read(&mut stream).unwrap().body, "{\"predictions\":[[8.0]]}");
        }
    };
    let asked = |count| {
        thread::scope(|scope| (0..CLIENTS).for_each(|_| drop(scope.spawn(|| ask(count)))));
        memory(&server)
    };
    let (first, last) = (asked(10_000), asked(90_000));
    println!("{first:.1} MB after 10,000 requests, {last:.1} MB after 100,000");
    assert!(last < first + 4.0);
}
