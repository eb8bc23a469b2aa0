//! Rows become bytes, a page at a time.

use std::io;

use super::Format;
use crate::http::problem::Problem;
use crate::http::sheet::{self, Sheet};

/// A file that is being written.
pub(super) enum Encoder {
    /// A table; `begun` once its headings are out.
    Csv {
        /// Whether the headings are out.
        begun: bool,
    },
    /// A JSON object a line.
    Ndjson,
    /// Columns, in groups of rows.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::Writer>),
}

impl Encoder {
    /// An empty file of views of that kind.
    pub(super) fn start<V: Sheet>(format: Format) -> Result<Self, Problem> {
        match format {
            Format::Csv => Ok(Self::Csv { begun: false }),
            Format::Ndjson => Ok(Self::Ndjson),
            #[cfg(feature = "parquet")]
            Format::Parquet => super::parquet::Writer::start(V::COLUMNS)
                .map(|writer| Self::Parquet(Box::new(writer)))
                .map_err(|error| Problem::internal(&error)),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(Problem::unsupported(
                "this build writes no Parquet: the one with the cargo feature `parquet` does",
            )),
        }
    }

    /// Adds rows; what is ready goes to `out`.
    pub(super) fn rows<V: Sheet>(&mut self, views: &[V], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Csv { begun } => {
                if !*begun {
                    sheet::csv_head::<V>(out)?;
                    *begun = true;
                }
                sheet::csv_rows(views, out)
            }
            Self::Ndjson => sheet::ndjson(views, out),
            #[cfg(feature = "parquet")]
            Self::Parquet(writer) => {
                for view in views {
                    for row in sheet::rows(view)? {
                        writer.row(&row, out)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// What belongs at the end.
    #[cfg_attr(
        not(feature = "parquet"),
        expect(
            clippy::unnecessary_wraps,
            reason = "a Parquet file has an end that can fail"
        )
    )]
    pub(super) fn finish(self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            #[cfg(feature = "parquet")]
            Self::Parquet(writer) => writer.finish(out),
            Self::Csv { .. } | Self::Ndjson => {
                out.shrink_to_fit();
                Ok(())
            }
        }
    }
}
