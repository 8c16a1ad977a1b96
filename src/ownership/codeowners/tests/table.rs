//! Files by hand, and what becomes of them.

use super::*;
