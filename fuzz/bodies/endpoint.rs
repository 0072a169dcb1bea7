//! What holds for every text that is read as an endpoint.

use sockeye_net::endpoint::Endpoint;
use sockeye_net::endpoint::Purpose;

/// Takes one text; panics where a promise is broken: what an endpoint prints
/// reads back as the same endpoint.
pub(crate) fn check(text: &str) {
    for purpose in [Purpose::Dial, Purpose::Listen] {
        let Ok(endpoint) = Endpoint::parse(text, purpose) else {
            continue;
        };
        let printed = endpoint.to_string();
        match Endpoint::parse(&printed, purpose) {
            Ok(again) => assert_eq!(again, endpoint, "`{text}` prints as `{printed}`"),
            Err(error) => panic!("`{text}` prints as `{printed}`: {error}"),
        }
    }
}
