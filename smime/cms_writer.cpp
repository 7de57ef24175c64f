#include "smime/cms_writer.h"

#include "smime/cms.h"

#include <openssl/err.h>

namespace signet::smime {

Result<void> CmsWriter::begin() {
    x509::BioPointer end =
        m_out != nullptr ? bio_of(*m_out, m_error) : x509::BioPointer(BIO_new(BIO_s_null()));
    if (end) {
        m_chain.reset(m_out != nullptr ? BIO_new_CMS(end.get(), m_cms) : CMS_dataInit(m_cms, end.get()));
    }
    if (!m_chain) {
        return cause("begin CMS");
    }
    (void)end.release();  // it is the last of the chain
    return {};
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
    if (!m_chain) {
        SIGNET_CHECK(begin());
    }
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

// OpenSSL's streaming writes nothing before the first octet of the content, and fails without any.
Result<void> CmsWriter::write_empty() {
    if (CMS_set_detached(m_cms, 0) == 1) {
        m_chain.reset(CMS_dataInit(m_cms, nullptr));
    }
    if (!m_chain || BIO_flush(m_chain.get()) != 1 || CMS_dataFinal(m_cms, m_chain.get()) != 1) {
        return cause("end CMS");
    }
    SIGNET_TRY(const std::string octets, to_der(m_cms));
    return m_out->write(octets);
}

Result<void> CmsWriter::finish() {
    SIGNET_CHECK(m_collected.flush());
    if (!m_chain && m_out != nullptr) {
        return write_empty();
    }
    if (!m_chain) {
        SIGNET_CHECK(begin());
    }
    const bool flushed = BIO_flush(m_chain.get()) == 1;
    if (!flushed || m_error || (m_out == nullptr && CMS_dataFinal(m_cms, m_chain.get()) != 1)) {
        return cause("end CMS");
    }
    return {};
}

}  // namespace signet::smime
