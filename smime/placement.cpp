#include "smime/placement.h"

#include <algorithm>
#include <iterator>

namespace signet::smime {
namespace {

// What a reader shows as text of the mail.
bool shows_text(const Part& part) {
    if (part.layer || part.attachment) {
        return false;
    }
    if (part.entity->kind == PartKind::leaf) {
        return part.type.starts_with("text/") && part.size > 0;
    }
    return part.entity->kind == PartKind::multipart &&
           std::any_of(part.parts.begin(), part.parts.end(),
                       [](const auto& child) { return shows_text(*child); });
}

struct Surroundings {
    bool in_forwarded_mail = false;
    bool beside_text = false;  // of the same mail and the same layer
    bool is_signed = false;    // by a good signature around all of it
};

class Placement {
  public:
    Placement(Report& report, const std::vector<Part*>& chain) : m_report(report), m_chain(chain) {}

    void look_at(const Part& part, Surroundings around) {
        const bool of_whole_mail = std::find(m_chain.begin(), m_chain.end(), &part) != m_chain.end();
        if (part.layer && !of_whole_mail) {
            report_layer(part, around);
        }
        if (part.layer) {
            around.beside_text = false;
            around.is_signed =
                around.is_signed || (part.layer->kind == LayerKind::signature && part.layer->good);
        }
        if (part.entity->kind == PartKind::message) {
            around = {.in_forwarded_mail = true, .beside_text = false, .is_signed = around.is_signed};
        }
        look_at_inner_parts(part, around);
    }

  private:
    void look_at_inner_parts(const Part& part, const Surroundings& around) {
        std::vector<bool> shown;
        std::transform(part.parts.begin(), part.parts.end(), std::back_inserter(shown),
                       [](const auto& child) { return shows_text(*child); });
        const auto count = std::count(shown.begin(), shown.end(), true);
        for (std::size_t i = 0; i < part.parts.size(); ++i) {
            const bool beside_another = count > (shown[i] ? 1 : 0);
            Surroundings inner = around;
            inner.beside_text = around.beside_text || (!part.layer && beside_another);
            look_at(*part.parts[i], inner);
        }
    }

    void report_layer(const Part& part, const Surroundings& around) {
        switch (part.layer->kind) {
            case LayerKind::signature:
                return report_signature(part, around);
            case LayerKind::encryption:
                return add(FindingCode::encrypted_part, part, "only this part of the mail is encrypted");
            default:
                return;
        }
    }

    void report_signature(const Part& part, const Surroundings& around) {
        if (around.in_forwarded_mail) {
            add(FindingCode::signature_in_forwarded_mail, part,
                "the signature is of a mail that was forwarded or attached");
            return;
        }
        if (part.attachment || part.entity->kind == PartKind::leaf) {
            add(FindingCode::signed_attachment_poses_as_mail, part,
                "a signed attachment can pass for the mail, which it is not");
        } else {
            add(FindingCode::signature_in_multipart, part, "only this part of the mail is signed");
        }
        if (around.beside_text && !around.is_signed) {
            add(FindingCode::unsigned_text_around_signature, part,
                "text that is not signed stands beside the signed part");
        }
    }

    void add(FindingCode code, const Part& part, std::string reason) {
        m_report.findings.push_back({code, part.path, std::move(reason)});
    }

    Report& m_report;
    const std::vector<Part*>& m_chain;
};

}  // namespace

void add_placement_findings(Report& report, const std::vector<Part*>& chain) {
    Placement(report, chain).look_at(*report.root, {});
}

}  // namespace signet::smime
