#include "smime/gmime_stream.h"

#include "smime/mime.h"

#include <algorithm>
#include <limits>

namespace signet::smime {
namespace {

// GObject finds the parent's members at the beginning of the child.
struct SourceStream {
    GMimeStream stream;
    const Source* source;
};
struct SourceStreamClass {
    GMimeStreamClass stream;
};

const Source& source_of(GMimeStream* stream) {
    return *reinterpret_cast<SourceStream*>(stream)->source;
}

gint64 end_of(GMimeStream* stream) {
    constexpr std::uint64_t limit = std::numeric_limits<gint64>::max();
    return stream->bound_end >= 0 ? stream->bound_end
                                  : static_cast<gint64>(std::min(source_of(stream).size(), limit));
}

ssize_t read_stream(GMimeStream* stream, char* buffer, std::size_t size) {
    const gint64 rest = end_of(stream) - stream->position;
    if (rest <= 0 || stream->position < 0) {
        return 0;
    }
    const std::size_t wanted = std::min(size, static_cast<std::size_t>(rest));
    const auto count = source_of(stream).read(static_cast<std::uint64_t>(stream->position), {buffer, wanted});
    if (!count) {
        return -1;
    }
    stream->position += static_cast<gint64>(*count);
    return static_cast<ssize_t>(*count);
}

ssize_t refuse_write(GMimeStream* /*stream*/, const char* /*octets*/, std::size_t /*size*/) {
    return -1;
}

int do_nothing(GMimeStream* /*stream*/) {
    return 0;
}

gboolean is_at_end(GMimeStream* stream) {
    return stream->position >= end_of(stream) ? TRUE : FALSE;
}

int rewind_stream(GMimeStream* stream) {
    stream->position = stream->bound_start;
    return 0;
}

gint64 seek_stream(GMimeStream* stream, gint64 offset, GMimeSeekWhence whence) {
    const gint64 base = whence == GMIME_STREAM_SEEK_SET   ? 0
                        : whence == GMIME_STREAM_SEEK_CUR ? stream->position
                                                          : end_of(stream);
    const gint64 position = base + offset;
    if (position < stream->bound_start || position > end_of(stream)) {
        return -1;
    }
    stream->position = position;
    return position;
}

gint64 position_of(GMimeStream* stream) {
    return stream->position;
}

gint64 length_of(GMimeStream* stream) {
    return end_of(stream) - stream->bound_start;
}

GMimeStream* make_stream(const Source& source, gint64 begin, gint64 end);

GMimeStream* substream_of(GMimeStream* stream, gint64 begin, gint64 end) {
    return make_stream(source_of(stream), begin, end);
}

void initialise_class(gpointer type_class, gpointer /*data*/) {
    auto* methods = static_cast<GMimeStreamClass*>(type_class);
    methods->read = read_stream;
    methods->write = refuse_write;
    methods->flush = do_nothing;
    methods->close = do_nothing;
    methods->eos = is_at_end;
    methods->reset = rewind_stream;
    methods->seek = seek_stream;
    methods->tell = position_of;
    methods->length = length_of;
    methods->substream = substream_of;
}

GType source_stream_type() {
    static const GType type =
        g_type_register_static_simple(GMIME_TYPE_STREAM, "SignetSourceStream", sizeof(SourceStreamClass),
                                      initialise_class, sizeof(SourceStream), nullptr, GTypeFlags{});
    return type;
}

GMimeStream* make_stream(const Source& source, gint64 begin, gint64 end) {
    auto* stream = static_cast<GMimeStream*>(g_object_new(source_stream_type(), nullptr));
    reinterpret_cast<SourceStream*>(stream)->source = &source;
    g_mime_stream_construct(stream, begin, end);
    return stream;
}

}  // namespace

GObjectPointer<GMimeStream> gmime_stream_of(const Source& source) {
    initialise_gmime();
    return GObjectPointer<GMimeStream>(make_stream(source, 0, -1));
}

}  // namespace signet::smime
