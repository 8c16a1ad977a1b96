//! What a command prints: read from its pipes while it runs, kept in a log that has an end.

use super::expected::Expected;
use crate::words::Output;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::process::{ChildStderr, ChildStdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How much of the beginning of an output is kept in its log, in bytes.
pub(super) const HEAD: usize = 3 * 1024 * 1024;
/// How much of its end is kept there.
pub(super) const TAIL: usize = 1024 * 1024;
/// How much of the end is kept for the finding, in bytes and in lines.
const LAST_BYTES: usize = 4096;
const LAST_LINES: usize = 20;
/// How much is read at a time.
const CHUNK: usize = 64 * 1024;
/// How long nothing may come before it is asked whether more can come.
const PAUSE: Duration = Duration::from_millis(20);
/// How long pipes are read that somebody still holds when all processes have ended.
const DRAIN: Duration = Duration::from_secs(1);

/// The log of an output: all of it up to [`HEAD`] and [`TAIL`], and how much there was in between.
pub(super) struct Log {
    file: File,
    bytes: u64,
    line_feeds: usize,
    /// What comes behind the head, its end only.
    tail: VecDeque<u8>,
    /// The end of everything.
    last: VecDeque<u8>,
    /// Why no more can be written. Reading goes on: a command must not stand still for that.
    error: Option<Error>,
}

impl Log {
    /// Nothing printed yet, to be kept in `file`.
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            bytes: 0,
            line_feeds: 0,
            tail: VecDeque::new(),
            last: VecDeque::new(),
            error: None,
        }
    }

    /// Takes note of more output.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let written = usize::try_from(self.bytes).unwrap_or(HEAD).min(HEAD);
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD - written));
        if self.error.is_none() {
            self.error = self.file.write_all(head).err();
        }
        self.bytes += bytes.len() as u64;
        self.line_feeds += memchr::memchr_iter(b'\n', bytes).count();
        keep_end(&mut self.tail, rest, TAIL);
        keep_end(&mut self.last, bytes, LAST_BYTES);
    }

    /// Writes what is left to write, and returns the last lines; nothing where nothing was printed.
    pub(super) fn end(mut self) -> Result<Option<Output>> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let kept = HEAD as u64 + self.tail.len() as u64;
        if self.bytes > kept {
            let left_out = self.bytes - kept;
            write!(self.file, "\n[gate: {left_out} bytes are left out here]\n")?;
        }
        self.file.write_all(self.tail.make_contiguous())?;
        let last = self.last.make_contiguous();
        let ends = last.last().is_none_or(|byte| *byte == b'\n');
        let all = self.line_feeds + usize::from(!ends);
        let lines = last_lines(last, self.bytes > LAST_BYTES as u64);
        Ok((!lines.is_empty()).then(|| Output {
            left_out: all.saturating_sub(lines.len()),
            lines,
            log: None,
        }))
    }
}

/// Adds `bytes` to `kept`, of which no more than the last `most` stay.
fn keep_end(kept: &mut VecDeque<u8>, bytes: &[u8], most: usize) {
    let bytes = &bytes[bytes.len().saturating_sub(most)..];
    let too_many = (kept.len() + bytes.len()).saturating_sub(most);
    kept.drain(..too_many);
    kept.extend(bytes);
}

/// The lines of the end of an output, from which something is missing if it `is_cut`.
fn last_lines(bytes: &[u8], is_cut: bool) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    if is_cut {
        // Where its first line begins is not known: it may have been cut.
        if lines.len() > 1 {
            lines.remove(0);
        } else if let Some(line) = lines.first_mut() {
            line.insert(0, '…');
        }
    }
    lines.drain(..lines.len().saturating_sub(LAST_LINES));
    lines
}

/// Reads both pipes to their ends. Once the processes `have_ended` nothing more can come but what is in
/// the pipes already: whoever holds them still is not waited for.
pub(super) fn read(
    mut stdout: Option<ChildStdout>,
    mut stderr: Option<ChildStderr>,
    have_ended: &AtomicBool,
    log: &mut Log,
    expected: &mut Expected<'_>,
) -> Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut deadline: Option<Instant> = None;
    let pause = Timespec::try_from(PAUSE).map_err(Error::other)?;
    while stdout.is_some() || stderr.is_some() {
        let is_over = have_ended.load(Ordering::Acquire);
        if is_over {
            let now = Instant::now();
            if now >= *deadline.get_or_insert(now + DRAIN) {
                expected.cut();
                return Ok(());
            }
        }
        let Some((is_out, is_err)) = ready(stdout.as_ref(), stderr.as_ref(), pause)? else {
            continue;
        };
        if !is_out && !is_err && is_over {
            return Ok(());
        }
        if is_out {
            let bytes = take(&mut stdout, &mut buffer)?;
            expected.see(bytes);
            log.write(bytes);
        }
        if is_err {
            log.write(take(&mut stderr, &mut buffer)?);
        }
    }
    Ok(())
}

/// Which of the pipes have something, or have come to their end; `None` where a signal came between.
fn ready(
    stdout: Option<&ChildStdout>,
    stderr: Option<&ChildStderr>,
    pause: Timespec,
) -> Result<Option<(bool, bool)>> {
    let mut asked = Vec::with_capacity(2);
    asked.extend(stdout.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    asked.extend(stderr.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    match poll(&mut asked, Some(&pause)) {
        Ok(_) => {}
        Err(rustix::io::Errno::INTR) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut answers = asked.iter().map(|asked| !asked.revents().is_empty());
    let is_out = stdout.is_some() && answers.next().unwrap_or(false);
    let is_err = stderr.is_some() && answers.next().unwrap_or(false);
    Ok(Some((is_out, is_err)))
}

/// What there is in a pipe, which is closed at its end.
fn take<'b>(pipe: &mut Option<impl Read>, buffer: &'b mut [u8]) -> Result<&'b [u8]> {
    let Some(open) = pipe else {
        return Ok(&[]);
    };
    let length = match open.read(buffer) {
        Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(&[]),
        read => read?,
    };
    if length == 0 {
        *pipe = None;
    }
    Ok(&buffer[..length])
}

#[cfg(test)]
mod tests {
    use super::super::expected::tests::manifest;
    use super::*;
    use std::io::{Seek, SeekFrom};
    use std::process::{Command, Stdio};

    fn log() -> (Log, File) {
        let file = tempfile::tempfile().expect("a file");
        (Log::new(file.try_clone().expect("the same file")), file)
    }

    fn content(mut file: File) -> Vec<u8> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).expect("the beginning");
        file.read_to_end(&mut bytes).expect("read");
        bytes
    }

    fn end_of(text: &str) -> Option<Output> {
        let (mut log, _) = log();
        for piece in text.as_bytes().chunks(1000) {
            log.write(piece);
        }
        log.end().expect("written")
    }

    #[test]
    fn the_end_of_an_output_says_how_much_comes_before_it() {
        assert_eq!(end_of(""), None);
        for (lines, width, left_out) in [
            (1, 1, 0),
            (20, 5, 0),
            (21, 5, 1),
            (500, 5, 480),
            (90, 400, 80),
        ] {
            let all: Vec<_> = (0..lines).map(|line| format!("{line:0width$}")).collect();
            for end in ["", "\n"] {
                let output = end_of(&(all.join("\n") + end)).expect("an output");
                assert_eq!(output.left_out, left_out, "{lines} {width}");
                assert_eq!(output.lines, all[left_out..], "{lines} {width}");
            }
        }
        let output = end_of(&"x".repeat(5000)).expect("an output");
        assert_eq!((output.left_out, output.lines.len()), (0, 1));
        assert!(output.lines[0].starts_with("…x"));
    }

    #[test]
    fn a_log_holds_all_of_it_up_to_its_limit() {
        let (mut log, file) = log();
        let text: Vec<u8> = (b'a'..b'x').cycle().take(HEAD + TAIL).collect();
        for piece in text.chunks(CHUNK + 7) {
            log.write(piece);
        }
        log.end().expect("written");
        assert!(content(file) == text);
    }

    #[test]
    fn of_more_the_beginning_and_the_end_are_kept_and_what_is_missing_is_said() {
        let (mut log, file) = log();
        let piece = b"x".repeat(CHUNK);
        log.write(b"first\n");
        for _ in 0..200 {
            log.write(&piece);
        }
        log.write(b"\nlast\n");
        assert!(log.tail.capacity() < 4 * TAIL);
        let output = log.end().expect("written").expect("an output");
        assert_eq!(output.lines.last().map(String::as_str), Some("last"));
        let kept = content(file);
        let left_out = 200 * CHUNK + 12 - HEAD - TAIL;
        let note = format!("\n[gate: {left_out} bytes are left out here]\n");
        assert_eq!(kept.len(), HEAD + TAIL + note.len());
        assert!(kept.starts_with(b"first\nx") && kept.ends_with(b"x\nlast\n"));
        assert_eq!(&kept[HEAD..][..note.len()], note.as_bytes());
    }

    #[test]
    fn a_log_that_cannot_be_written_stops_nobody_and_is_an_error() {
        let file = File::open("/dev/null").expect("a file that is not open for writing");
        let mut log = Log::new(file);
        log.write(b"one");
        log.write(b"two");
        assert!(log.end().is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error_of_its_own() {
        let full = File::options().write(true).open("/dev/full");
        let mut log = Log::new(full.expect("a device"));
        log.write(b"one");
        let error = log.end().expect_err("full");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn who_holds_the_pipes_when_all_has_ended_is_not_waited_for() {
        for line in ["echo one; sleep 60", "yes"] {
            let mut child = Command::new("/bin/sh")
                .args([
                    "-c",
                    &format!("exec {line}").replace("exec echo one;", "echo one; exec"),
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("a shell");
            let pipes = (child.stdout.take(), child.stderr.take());
            // What is there to be read when all has ended is read.
            let out = pipes.0.as_ref().expect("a pipe");
            poll(&mut [PollFd::new(out, PollFlags::IN)], None).expect("it prints");
            let begin = Instant::now();
            let (mut log, _) = log();
            let have_ended = AtomicBool::new(true);
            let manifest = manifest("not_stdout: never");
            let mut expected = Expected::new(manifest.verify[0].expect.as_ref());
            read(pipes.0, pipes.1, &have_ended, &mut log, &mut expected).expect("read");
            // Nothing but the end of whoever holds them would have ended it later.
            assert!(begin.elapsed() < Duration::from_secs(30), "{line}");
            child.kill().expect("it runs");
            child.wait().expect("it ends");
            assert!(log.end().expect("written").is_some(), "{line}");
            // What goes on for ever is not all read: then nothing that is expected can be told.
            assert_eq!(expected.missed().is_some(), line == "yes", "{line}");
        }
    }
}
