//! Descriptors that this process got from whoever started it, beside its stdin, stdout and
//! stderr. Our own end at exec by themselves; these must be told to, or a command that a
//! stranger runs could read and write what they are open on.

use std::fs;

use crate::sys;

/// Keeps all descriptors from the children that are started from here on.
pub(crate) fn keep_back() {
    if sys::keep_all_from_children().is_err() {
        one_by_one();
    }
}

/// A kernel before Linux 5.11, or another one, knows them by name.
fn one_by_one() {
    let Ok(listed) = fs::read_dir("/dev/fd") else {
        return;
    };
    let numbers = listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    for number in numbers.filter(|number| *number > 2) {
        // The one that the list was read by is gone already.
        let _gone = sys::keep_from_children(number);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use rustix::io::{FdFlags, fcntl_getfd};

    use super::*;

    #[test]
    fn an_inherited_descriptor_ends_at_exec_by_either_way() {
        for keep in [keep_back, one_by_one] {
            let given = rustix::io::dup(File::open("/dev/null").unwrap()).unwrap();
            assert!(fcntl_getfd(&given).unwrap().is_empty());
            keep();
            assert_eq!(fcntl_getfd(&given).unwrap(), FdFlags::CLOEXEC);
        }
    }
}
