//! A server whose certificate nobody vouches for is told nothing.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use lurcher::runtime::Secret;
use lurcher::upstream::{Ask, Error, Names};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{Kennel, ask};

/// A certificate for `dogs.example`, good for a hundred years, that vouches for itself.
const CERTIFICATE: &str = "3082015e30820110a003020102021409780c2c6e421fd409c11463824d265b6e7adcc8300506032b65703017\
    3115301306035504030c0c646f67732e6578616d706c653020170d3236313132373131343833335a180f3231\
    3236313130333131343833335a30173115301306035504030c0c646f67732e6578616d706c65302a30050603\
    2b657003210081c8b494dac6ac7a922a045072d368cb66a5da56d0ac19a93bf8243707f81bb7a36c306a301d\
    0603551d0e041604148ea87659de75d94c61ea50c4eb5cdcab7a712c0e301f0603551d230418301680148ea8\
    7659de75d94c61ea50c4eb5cdcab7a712c0e300f0603551d130101ff040530030101ff30170603551d110410\
    300e820c646f67732e6578616d706c65300506032b65700341004ef570120bef519732111a850df7faa2d118\
    6d6cba4eba2b02e36a2cae5d0b1ca41dbf4c6c3e97e57e28c640568b75e22cf895d36de440709a631893eb4f\
    0e02";

/// Its key, which opens nothing anywhere.
const KEY: &str = "302e020100300506032b657004220420a900ff0673fceb739c4339244a4ac2c6cbf5031d543e3ddcd4e7db4f\
    34b04cbb";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex
        .chars()
        .map(|digit| digit.to_digit(16).unwrap())
        .collect();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

fn config() -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    let certificate = CertificateDer::from(bytes(CERTIFICATE));
    let key = PrivatePkcs8KeyDer::from(bytes(KEY));
    let config = config.with_no_client_auth();
    Arc::new(
        config
            .with_single_cert(vec![certificate], key.into())
            .unwrap(),
    )
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let connection = ServerConnection::new(config()).unwrap();
        let mut stream = StreamOwned::new(connection, listener.accept().unwrap().0);
        let mut heard = [0; 1_000];
        stream.read(&mut heard).unwrap_or(0)
    });
    let kennel = Kennel::with(|settings| {
        settings.attempts = 1;
        settings.names = Names::told(|_| Ok(vec!["127.0.0.1".parse().unwrap()]));
    });

    let outcome = kennel.fetch(Ask {
        headers: vec![("Authorization".to_owned(), Secret::new("hunter2"))],
        ..ask(format!("https://dogs.example:{port}/"))
    });

    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(server.join().unwrap(), 0, "it heard something");
}
