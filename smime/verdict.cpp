#include "smime/verdict.h"

#include "smime/header_contradiction.h"
#include "smime/placement.h"

#include <algorithm>

namespace signet::smime {
namespace {

bool is_kind(const Part& part, LayerKind kind) {
    return part.layer && part.layer->kind == kind;
}

// From the mail inwards, each part protecting the whole of the next.
std::vector<Part*> whole_mail_chain(Part& root) {
    std::vector<Part*> chain{&root};
    while (chain.back()->layer && chain.back()->layer->opened && !chain.back()->parts.empty()) {
        chain.push_back(chain.back()->parts.front().get());
    }
    return chain;
}

// What the signatures on a chain say of the text at its end.
struct ChainSignatures {
    std::vector<const Part*> inner;  // behind the last encryption, outermost first
    bool all_good = true;            // also those around encryption
    [[nodiscard]] bool speak_for_text() const { return all_good && !inner.empty(); }
};

ChainSignatures signatures_on(const std::vector<Part*>& chain) {
    ChainSignatures signatures;
    for (const Part* part : chain) {
        if (is_kind(*part, LayerKind::encryption)) {
            signatures.inner.clear();
        } else if (is_kind(*part, LayerKind::signature)) {
            signatures.inner.push_back(part);
            signatures.all_good = signatures.all_good && part->layer->good;
        }
    }
    return signatures;
}

// Encryption with no good signature inside, at any depth but not in forwarded mails.
bool has_unsigned_encryption(Part& part) {
    if (part.entity->kind == PartKind::message) {
        return false;
    }
    return (is_kind(part, LayerKind::encryption) &&
            !signatures_on(whole_mail_chain(part)).speak_for_text()) ||
           std::any_of(part.parts.begin(), part.parts.end(),
                       [](const auto& child) { return has_unsigned_encryption(*child); });
}

class Judge {
  public:
    Judge(Report& report, const VerifyOptions& trust)
        : m_report(report), m_trust(trust), m_chain(whole_mail_chain(*report.root)) {
        const auto last = std::find_if(m_chain.rbegin(), m_chain.rend(), [](const Part* part) {
            return is_kind(*part, LayerKind::encryption);
        });
        m_inner = last.base();
        m_report.encrypted = last != m_chain.rend();
        // Outside of any layer a wrapped mail is one that was forwarded.
        if (m_chain.size() > 1) {
            m_report.header_protection = header_protection_of(*m_chain.back()->entity);
        }
    }

    Result<void> judge(PendingSignature& pending) {
        std::vector<const Header*> headers{pending.header};
        const bool inner = std::find(m_inner, m_chain.end(), pending.part) != m_chain.end();
        if (inner && m_report.header_protection) {
            headers.push_back(m_report.header_protection->header);
        }
        Layer& layer = *pending.part->layer;
        auto signers = smime::judge(pending.signature, headers, m_trust);
        if (!signers) {
            add(FindingCode::malformed_signature, *pending.part, signers.error().detail);
            return signers.error().code == ErrorCode::input_output ? Failure(signers.error())
                                                                   : Result<void>();
        }
        layer.signers = std::move(*signers);
        layer.good = all_good(layer.signers);
        report_signers(*pending.part);
        return {};
    }

    void judge_mail() {
        settle_authentication(*m_report.root);
        compare_with_outside();
        find_signers();
        add_placement_findings(m_report, m_chain);
    }

  private:
    void add(FindingCode code, const Part& part, std::string reason) {
        m_report.findings.push_back({code, part.path, std::move(reason)});
    }

    void report_signers(const Part& part) {
        const auto& signers = part.layer->signers;
        const bool any_good = std::any_of(signers.begin(), signers.end(), [](const SignerReport& signer) {
            return signer.status == SignatureStatus::good;
        });
        for (const SignerReport& signer : signers) {
            if (signer.status != SignatureStatus::good) {
                add(finding_for(signer.status), part, signer.reason);
            }
        }
        if (any_good && !part.layer->good) {
            add(FindingCode::signers_disagree, part, "some of its signatures are good and some are not");
        }
    }

    // From the inside out: CBC tells nothing about changes, what is right inside of it may.
    void settle_authentication(Part& part) {
        for (const auto& child : part.parts) {
            settle_authentication(*child);
        }
        if (!is_kind(part, LayerKind::encryption) || !part.layer->opened) {
            return;
        }
        part.layer->authenticated = part.layer->authenticated || is_authenticated_inside(*part.parts.front());
        if (!part.layer->authenticated) {
            for (const auto& child : part.parts) {
                mark_not_authenticated(*child);
            }
            m_report.not_authenticated = true;
            add(FindingCode::not_authenticated, part,
                "it is encrypted in a way that shows no change, and no good signature is inside");
        }
    }

    static bool is_authenticated_inside(const Part& part) {
        const Part* inner = &part;
        while (is_kind(*inner, LayerKind::compression) && inner->layer->opened && !inner->parts.empty()) {
            inner = inner->parts.front().get();
        }
        return (is_kind(*inner, LayerKind::signature) && inner->layer->good) ||
               (is_kind(*inner, LayerKind::encryption) && inner->layer->opened &&
                inner->layer->authenticated);
    }

    static void mark_not_authenticated(Part& part) {
        part.not_authenticated = true;
        for (const auto& child : part.parts) {
            mark_not_authenticated(*child);
        }
    }

    void compare_with_outside() {
        if (!m_report.header_protection) {
            return;
        }
        m_report.header_fields =
            compare_headers(*m_report.header_protection, m_report.root->entity->header, m_report.encrypted);
        for (const ComparedField& field : m_report.header_fields) {
            if (const auto reason = contradiction(field, m_report.header_protection->form)) {
                m_header_differs = true;
                add(FindingCode::header_mismatch, *m_chain.back(), *reason);
            }
        }
    }

    void find_signers() {
        bool outside_encryption = false;
        for (Part* part : m_chain) {
            if (is_kind(*part, LayerKind::signature) && has_unsigned_encryption(*part)) {
                outside_encryption = true;
                add(FindingCode::signature_outside_encryption, *part,
                    "the signature around the encryption says who sent it, not who wrote what is inside");
            }
        }
        const ChainSignatures signatures = signatures_on(m_chain);
        for (std::size_t i = 1; i < signatures.inner.size(); ++i) {
            add(FindingCode::nested_signatures, *signatures.inner[i], "another signature is around this one");
        }
        if (signatures.speak_for_text() && !m_header_differs && !outside_encryption) {
            m_report.signed_by = signatures.inner.front()->layer->signers;
            m_report.header_is_signed = m_report.header_protection.has_value();
        }
    }

    Report& m_report;
    const VerifyOptions& m_trust;
    std::vector<Part*> m_chain;
    std::vector<Part*>::iterator m_inner;  // behind the last encryption
    bool m_header_differs = false;
};

}  // namespace

Result<void> reach_verdict(Report& report, std::vector<PendingSignature> signatures,
                           const VerifyOptions& trust) {
    Judge judge(report, trust);
    for (PendingSignature& signature : signatures) {
        SIGNET_CHECK(judge.judge(signature));
    }
    judge.judge_mail();
    return {};
}

}  // namespace signet::smime
