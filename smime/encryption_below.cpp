#include "smime/encryption_below.h"

#include "smime/cms_stream.h"
#include "smime/limits.h"
#include "smime/opened_layer.h"

#include <algorithm>

namespace signet::smime {
namespace {

class EncryptionSearch {
  public:
    explicit EncryptionSearch(std::uint64_t size) : m_budget(max_opened_size + max_opened_ratio * size) {}

    // As deep as parts and layers may nest.
    Result<bool> look_in(const Source& source, const MimePart& part, std::size_t depth) {
        if (part.kind == PartKind::leaf) {
            return is_pkcs7_mime(part.header, part.type) ? look_in_leaf(source, part, depth)
                                                         : Result<bool>(false);
        }
        for (std::size_t i = 0; part.kind == PartKind::multipart && i < part.parts.size(); ++i) {
            SIGNET_TRY(const bool found, look_in(source, *part.parts[i], depth));
            if (found) {
                return true;
            }
        }
        return false;
    }

  private:
    Result<bool> look_in_leaf(const Source& source, const MimePart& part, std::size_t depth) {
        if (part.type.smime_type == "enveloped-data" || part.type.smime_type == "authenveloped-data") {
            return true;
        }
        if (depth >= max_layer_depth || m_layers >= max_layers) {
            return false;
        }
        ++m_layers;
        // Without keys what is encrypted stays closed.
        SIGNET_TRY(const OpenedLayer opened, open_layer(source, part, {}, m_budget));
        if (opened.layer.kind == LayerKind::encryption || !opened.layer.opened) {
            return opened.layer.kind == LayerKind::encryption;
        }
        m_budget -= std::min(m_budget, opened.content->size());
        const auto inner = scan_entity(*opened.content);
        if (!inner) {
            return inner.error().code == ErrorCode::too_large ? Result<bool>(false) : Failure(inner.error());
        }
        return look_in(*opened.content, **inner, depth + 1);
    }

    std::uint64_t m_budget;
    std::size_t m_layers = 0;
};

}  // namespace

Result<bool> has_encryption_below(const Source& source, const MimePart& payload) {
    return EncryptionSearch(source.size()).look_in(source, payload, 0);
}

}  // namespace signet::smime
