#pragma once

#include "smime/gmime_pointer.h"
#include "smime/stream.h"

namespace signet::smime {

// GMime reads `source`, which must outlive the stream and all that GMime makes from it. An error of the
// source is an end of file to GMime.
GObjectPointer<GMimeStream> gmime_stream_of(const Source& source);

}  // namespace signet::smime
