#include "smime/cms_writer.h"

#include <openssl/err.h>

namespace signet::smime {

Result<std::unique_ptr<CmsWriter>> CmsWriter::open(CMS_ContentInfo* cms, Sink& out) {
    std::unique_ptr<CmsWriter> writer(new CmsWriter(cms));
    x509::BioPointer end = bio_of(out, writer->m_error);
    writer->m_chain.reset(end ? BIO_new_CMS(end.get(), cms) : nullptr);
    if (!writer->m_chain) {
        return writer->cause("BIO_new_CMS");
    }
    (void)end.release();  // it is the last of the chain
    return writer;
}

Result<std::unique_ptr<CmsWriter>> CmsWriter::open_detached(CMS_ContentInfo* cms) {
    std::unique_ptr<CmsWriter> writer(new CmsWriter(cms));
    writer->m_detached = true;
    x509::BioPointer end(BIO_new(BIO_s_null()));
    writer->m_chain.reset(end ? CMS_dataInit(cms, end.get()) : nullptr);
    if (!writer->m_chain) {
        return writer->cause("CMS_dataInit");
    }
    (void)end.release();
    return writer;
}

// What a sink or a token said, rather than that OpenSSL failed.
Failure CmsWriter::cause(std::string operation) {
    if (m_error) {
        ERR_clear_error();
        return Failure(*m_error);
    }
    return Failure(x509::key_error(std::move(operation)));
}

Result<void> CmsWriter::write(std::string_view octets) {
    return m_collected.write(octets);
}

Result<void> CmsWriter::write_block(std::string_view octets) {
    while (!octets.empty()) {
        const std::string_view piece = octets.substr(0, stream_block_size);
        if (BIO_write(m_chain.get(), piece.data(), static_cast<int>(piece.size())) !=
            static_cast<int>(piece.size())) {
            return cause("write CMS");
        }
        octets.remove_prefix(piece.size());
    }
    return {};
}

Result<void> CmsWriter::finish() {
    SIGNET_CHECK(m_collected.flush());
    const bool flushed = BIO_flush(m_chain.get()) == 1;
    if (!flushed || m_error || (m_detached && CMS_dataFinal(m_cms, m_chain.get()) != 1)) {
        return cause("end CMS");
    }
    return {};
}

}  // namespace signet::smime
