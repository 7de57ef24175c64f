// The function list, and what of PKCS#11 2.40 this module does not do: it administers no token, generates no
// keys, and leaves what needs no private key to the programs.
#include "pkcs11/module/cryptoki.h"

namespace {

// Stands in for any function, whatever its parameters.
template <CK_RV answer, class... Arguments>
CK_RV refuse(Arguments... /*arguments*/) {
    return answer;
}

constexpr CK_RV absent = CKR_FUNCTION_NOT_SUPPORTED;

CK_FUNCTION_LIST functions{
    .version = {.major = CRYPTOKI_VERSION_MAJOR, .minor = CRYPTOKI_VERSION_MINOR},
    .C_Initialize = C_Initialize,
    .C_Finalize = C_Finalize,
    .C_GetInfo = C_GetInfo,
    .C_GetFunctionList = C_GetFunctionList,
    .C_GetSlotList = C_GetSlotList,
    .C_GetSlotInfo = C_GetSlotInfo,
    .C_GetTokenInfo = C_GetTokenInfo,
    .C_GetMechanismList = C_GetMechanismList,
    .C_GetMechanismInfo = C_GetMechanismInfo,
    .C_InitToken = refuse<absent>,
    .C_InitPIN = refuse<absent>,
    .C_SetPIN = refuse<absent>,
    .C_OpenSession = C_OpenSession,
    .C_CloseSession = C_CloseSession,
    .C_CloseAllSessions = C_CloseAllSessions,
    .C_GetSessionInfo = C_GetSessionInfo,
    .C_GetOperationState = refuse<absent>,
    .C_SetOperationState = refuse<absent>,
    .C_Login = C_Login,
    .C_Logout = C_Logout,
    .C_CreateObject = C_CreateObject,
    .C_CopyObject = refuse<absent>,
    .C_DestroyObject = C_DestroyObject,
    .C_GetObjectSize = C_GetObjectSize,
    .C_GetAttributeValue = C_GetAttributeValue,
    .C_SetAttributeValue = C_SetAttributeValue,
    .C_FindObjectsInit = C_FindObjectsInit,
    .C_FindObjects = C_FindObjects,
    .C_FindObjectsFinal = C_FindObjectsFinal,
    .C_EncryptInit = refuse<absent>,
    .C_Encrypt = refuse<absent>,
    .C_EncryptUpdate = refuse<absent>,
    .C_EncryptFinal = refuse<absent>,
    .C_DecryptInit = C_DecryptInit,
    .C_Decrypt = C_Decrypt,
    .C_DecryptUpdate = C_DecryptUpdate,
    .C_DecryptFinal = C_DecryptFinal,
    .C_DigestInit = refuse<absent>,
    .C_Digest = refuse<absent>,
    .C_DigestUpdate = refuse<absent>,
    .C_DigestKey = refuse<absent>,
    .C_DigestFinal = refuse<absent>,
    .C_SignInit = C_SignInit,
    .C_Sign = C_Sign,
    .C_SignUpdate = C_SignUpdate,
    .C_SignFinal = C_SignFinal,
    .C_SignRecoverInit = refuse<absent>,
    .C_SignRecover = refuse<absent>,
    .C_VerifyInit = refuse<absent>,
    .C_Verify = refuse<absent>,
    .C_VerifyUpdate = refuse<absent>,
    .C_VerifyFinal = refuse<absent>,
    .C_VerifyRecoverInit = refuse<absent>,
    .C_VerifyRecover = refuse<absent>,
    .C_DigestEncryptUpdate = refuse<absent>,
    .C_DecryptDigestUpdate = refuse<absent>,
    .C_SignEncryptUpdate = refuse<absent>,
    .C_DecryptVerifyUpdate = refuse<absent>,
    .C_GenerateKey = refuse<absent>,
    .C_GenerateKeyPair = refuse<absent>,
    .C_WrapKey = refuse<absent>,
    .C_UnwrapKey = refuse<absent>,
    .C_DeriveKey = C_DeriveKey,
    .C_SeedRandom = refuse<CKR_RANDOM_NO_RNG>,
    .C_GenerateRandom = refuse<CKR_RANDOM_NO_RNG>,
    .C_GetFunctionStatus = refuse<CKR_FUNCTION_NOT_PARALLEL>,
    .C_CancelFunction = refuse<CKR_FUNCTION_NOT_PARALLEL>,
    .C_WaitForSlotEvent = C_WaitForSlotEvent,
};

}  // namespace

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** function_list) {
    if (function_list == nullptr) {
        return CKR_ARGUMENTS_BAD;
    }
    *function_list = &functions;
    return CKR_OK;
}
