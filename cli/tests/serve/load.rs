use super::*;
use std::sync::Barrier;
use std::thread;

/// A thousand clients at once; each gets the answer to its own numbers.
#[test]
fn a_thousand_requests_at_once_are_not_mixed_up() {
    const CLIENTS: usize = 1000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("product.keras");
    write_product(&path, 2.0);
    let server = Server::start("{}", &[&path]);
    let barrier = Barrier::new(CLIENTS);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (server, barrier) = (&server, &barrier);
            let work = move || {
                let body = json!({"instances": [[client], [client + 5000]]}).to_string();
                let request = request("POST", "/v1/models/product:predict", "", body.as_bytes());
                let mut stream = server.connect();
                barrier.wait();
                stream.write_all(&request).unwrap();
                let answer = Reply::read(&mut stream).unwrap().ok();
                assert_eq!(
                    flat(&answer["predictions"]),
                    [2.0 * client as f64, 2.0 * (client as f64 + 5000.0)]
                );
            };
            thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, work).unwrap();
        }
    });
    let text = server.get("/metrics").body;
    let value = |name: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse().unwrap()
    };
    assert_eq!(value("keras_rs_requests_total{model=\"product\",action=\"predict\",status=\"200\"}"), 1000.0);
    assert_eq!(value("keras_rs_batch_samples_sum{model=\"product\"}"), 2000.0);
    // Requests were computed together.
    assert!(value("keras_rs_batch_samples_count{model=\"product\"}") < 1000.0, "{text}");
}

/// Requests of different shapes of samples are not computed together, and a wrong one does no harm to others.
#[test]
fn different_samples_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.keras");
    let tokens = Input::new([None]).dtype(DType::I32);
    let x = Embedding::new(10, 1).embeddings_initializer("ones").apply(&tokens).unwrap();
    let y = GlobalAveragePooling1D::new().apply(&x).unwrap();
    Model::new(&tokens, &y).unwrap().save(&path).unwrap();
    let server = Server::start("{} --max-wait-ms 50", &[&path]);
    thread::scope(|scope| {
        for client in 0..64 {
            let server = &server;
            scope.spawn(move || {
                let size = 1 + client % 3;
                let token = if client % 8 == 0 { 10_000 } else { 3 };
                let body = json!({"instances": [vec![token; size]]}).to_string();
                let reply = server.post("/v1/models/rows:predict", &body);
                if token < 10 {
                    assert_eq!(reply.ok(), json!({"predictions": [[1.0]]}));
                } else {
                    assert_ne!(reply.body, "");
                }
            });
        }
    });
}

#[test]
fn overload_is_refused_and_passes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("slow.keras");
    let body = write_slow(&path);
    let server = Server::start("{} --max-queue 2 --max-batch 1", &[&path]);
    let replies: Vec<Reply> = thread::scope(|scope| {
        let ask = || server.post("/v1/models/slow:predict", &body);
        let clients: Vec<_> = (0..24).map(|_| scope.spawn(ask)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let refused = replies.iter().filter(|reply| reply.status == 429).count();
    assert!(refused > 0, "none was refused");
    assert!(replies.iter().filter(|reply| reply.status == 200).count() >= 3);
    for reply in &replies {
        if reply.status != 200 {
            assert!(reply.error(429).contains("requests are waiting"));
            assert!(reply.head.contains("retry-after: 1\r\n"), "{}", reply.head);
        }
    }
    server.post("/v1/models/slow:predict", &body).ok();
}
