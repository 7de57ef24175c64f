#include "smime/openssl_stream.h"

#include <memory>

namespace signet::smime {
namespace {

struct BioState {
    Reader* reader;
    Sink* sink;
    std::optional<Error>* error;
};

BioState& state_of(BIO* bio) {
    return *static_cast<BioState*>(BIO_get_data(bio));
}

int read_bio(BIO* bio, char* buffer, int size) {
    BioState& state = state_of(bio);
    if (state.reader == nullptr || size <= 0) {
        return -1;
    }
    const auto count = state.reader->read({buffer, static_cast<std::size_t>(size)});
    if (!count) {
        *state.error = count.error();
        return -1;
    }
    return static_cast<int>(*count);
}

int write_bio(BIO* bio, const char* octets, int size) {
    BioState& state = state_of(bio);
    if (state.sink == nullptr || size < 0) {
        return -1;
    }
    const auto written = state.sink->write({octets, static_cast<std::size_t>(size)});
    if (!written) {
        *state.error = written.error();
        return -1;
    }
    return size;
}

long control_bio(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int destroy_bio(BIO* bio) {
    delete static_cast<BioState*>(BIO_get_data(bio));
    BIO_set_data(bio, nullptr);
    return 1;
}

const BIO_METHOD* method() {
    static const auto made = [] {
        x509::Pointer<BIO_METHOD, BIO_meth_free> value(
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "signet stream"));
        BIO_meth_set_read(value.get(), read_bio);
        BIO_meth_set_write(value.get(), write_bio);
        BIO_meth_set_ctrl(value.get(), control_bio);
        BIO_meth_set_destroy(value.get(), destroy_bio);
        return value;
    }();
    return made.get();
}

x509::BioPointer make_bio(const BioState& state) {
    x509::BioPointer bio(BIO_new(method()));
    if (bio) {
        BIO_set_data(bio.get(), std::make_unique<BioState>(state).release());
        BIO_set_init(bio.get(), 1);
    }
    return bio;
}

}  // namespace

x509::BioPointer bio_of(Reader& reader, std::optional<Error>& error) {
    return make_bio({.reader = &reader, .sink = nullptr, .error = &error});
}

x509::BioPointer bio_of(Sink& sink, std::optional<Error>& error) {
    return make_bio({.reader = nullptr, .sink = &sink, .error = &error});
}

}  // namespace signet::smime
