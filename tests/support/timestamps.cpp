#include "tests/support/timestamps.h"

#include "tests/support/openssl.h"

#include <openssl/ts.h>

#include <array>
#include <stdexcept>

namespace signet::test {
namespace {

using TokenInfoPointer = x509::Pointer<TS_TST_INFO, TS_TST_INFO_free>;
using ImprintPointer = x509::Pointer<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free>;
using AlgorithmPointer = x509::Pointer<X509_ALGOR, X509_ALGOR_free>;
using TimePointer = x509::Pointer<ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free>;
using IntegerPointer = x509::Pointer<ASN1_INTEGER, ASN1_INTEGER_free>;
using ObjectPointer = x509::Pointer<ASN1_OBJECT, ASN1_OBJECT_free>;
using ExtensionPointer = x509::Pointer<X509_EXTENSION, X509_EXTENSION_free>;
using OctetStringPointer = x509::Pointer<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

void set_imprint(TS_TST_INFO* info, const TokenContent& content) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned int size = 0;
    const EVP_MD* digest = EVP_get_digestbynid(content.digest);
    require(EVP_Digest(content.signature.data(), content.signature.size(), octets.data(), &size, digest,
                       nullptr) == 1,
            "EVP_Digest");
    const ImprintPointer imprint(TS_MSG_IMPRINT_new());
    const AlgorithmPointer algorithm(X509_ALGOR_new());
    X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(content.digest), V_ASN1_NULL, nullptr);
    TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
    TS_MSG_IMPRINT_set_msg(imprint.get(), octets.data(), static_cast<int>(size));
    require(TS_TST_INFO_set_msg_imprint(info, imprint.get()) == 1, "TS_TST_INFO_set_msg_imprint");
}

void add_unknown_extension(TS_TST_INFO* info) {
    const ObjectPointer object(OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1));
    const OctetStringPointer value(ASN1_OCTET_STRING_new());
    const ExtensionPointer extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 1, value.get()));
    require(TS_TST_INFO_add_ext(info, extension.get(), -1) == 1, "TS_TST_INFO_add_ext");
}

std::string der_of(const TokenContent& content) {
    const TokenInfoPointer info(TS_TST_INFO_new());
    const ObjectPointer policy(OBJ_txt2obj("1.3.6.1.4.1.99999.2", 1));
    const IntegerPointer serial(ASN1_INTEGER_new());
    const TimePointer time(ASN1_GENERALIZEDTIME_set(nullptr, content.time));
    ASN1_INTEGER_set(serial.get(), 7);
    require(TS_TST_INFO_set_version(info.get(), 1) == 1 &&
                TS_TST_INFO_set_policy_id(info.get(), policy.get()) == 1 &&
                TS_TST_INFO_set_serial(info.get(), serial.get()) == 1 &&
                TS_TST_INFO_set_time(info.get(), time.get()) == 1,
            "TS_TST_INFO");
    set_imprint(info.get(), content);
    if (content.unknown_critical_extension) {
        add_unknown_extension(info.get());
    }
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    require(i2d_TS_TST_INFO_bio(bio.get(), info.get()) == 1, "i2d_TS_TST_INFO_bio");
    return std::string(as_text(x509::memory_content(bio.get())));
}

x509::CmsPointer parsed(std::string_view cms) {
    const auto reader = x509::memory_reader(as_bytes(cms));
    x509::CmsPointer structure(d2i_CMS_bio(reader.get(), nullptr));
    require(structure != nullptr, "d2i_CMS_bio");
    return structure;
}

std::string der_of(CMS_ContentInfo* cms) {
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    require(i2d_CMS_bio(bio.get(), cms) == 1, "i2d_CMS_bio");
    return std::string(as_text(x509::memory_content(bio.get())));
}

CMS_SignerInfo* only_signer(CMS_ContentInfo* cms) {
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
}

}  // namespace

std::string make_timestamp_token(const TokenContent& content, const Identity& authority) {
    constexpr unsigned int flags = CMS_BINARY | CMS_CADES | CMS_NOSMIMECAP | CMS_PARTIAL;
    const std::string info = der_of(content);
    const x509::CmsPointer cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
    require(cms && CMS_set1_eContentType(cms.get(), OBJ_nid2obj(NID_id_smime_ct_TSTInfo)) == 1, "CMS_sign");
    require(CMS_add1_signer(cms.get(), authority.certificate.get(), authority.key.get(), EVP_sha256(),
                            flags) != nullptr,
            "CMS_add1_signer");
    const auto reader = x509::memory_reader(as_bytes(info));
    require(CMS_final(cms.get(), reader.get(), nullptr, flags) == 1, "CMS_final");
    return der_of(cms.get());
}

std::string signature_value(std::string_view cms) {
    const auto structure = parsed(cms);
    const ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(only_signer(structure.get()));
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
            static_cast<std::size_t>(ASN1_STRING_length(value))};
}

std::string with_timestamp(std::string_view cms, std::string_view token) {
    const auto structure = parsed(cms);
    require(CMS_unsigned_add1_attr_by_NID(only_signer(structure.get()), NID_id_smime_aa_timeStampToken,
                                          V_ASN1_SEQUENCE, token.data(), static_cast<int>(token.size())) == 1,
            "CMS_unsigned_add1_attr_by_NID");
    return der_of(structure.get());
}

}  // namespace signet::test
