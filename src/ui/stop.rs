use std::io;
use std::sync::mpsc::{Receiver, channel};

/// Hears of Ctrl-C, SIGTERM and their like, for what runs until it is told to stop. From now on they end
/// nothing by themselves. Once a run.
pub fn stops() -> io::Result<Receiver<()>> {
    let (stop, stopped) = channel();
    ctrlc::set_handler(move || {
        // Where nobody listens any more, it stops already.
        let _ = stop.send(());
    })
    .map_err(io::Error::other)?;
    Ok(stopped)
}
