//! Files.
use crate::workbench::refusal::Refusal;
#[derive(Debug, Default)]
pub struct Files;
impl Files { pub fn open(&self, _k: u64) -> Result<std::fs::File, Refusal> { Err(Refusal::none("no file")) } }
