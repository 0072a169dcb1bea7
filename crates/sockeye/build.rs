//! Leaves the symbols out of a release (cargo forgets a profile's `strip` for a package that has
//! settings of its own), and the tables for unwinding: where a panic aborts nobody reads them, and
//! they are a twentieth of the binary. A profile cannot say so: the compiler writes them unless
//! it is told otherwise for every crate at once, tests among them, which unwind.

use std::io;
use std::path::PathBuf;
use std::{env, fs};

/// For the linker, GNU's and LLVM's: besides its own script.
const SCRIPT: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table*) } }\n\
    INSERT AFTER .text;\n";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|own| own == value);
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    if let Some(out) =
        out.filter(|_| is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux"))
    {
        let script = out.join("tables.ld");
        fs::write(&script, SCRIPT)?;
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
        println!("cargo:rustc-link-arg-bins=-Wl,--strip-all");
    }
    Ok(())
}
