/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IANA numbers of IKEv2 in IANA order, and their names for texts.  Numbers only; what this product
 * can do with an algorithm is in algorithm.h.
 */
#ifndef IKEV2_NUMBER_H
#define IKEV2_NUMBER_H

#include "platform/base/enum_name.h"

enum ike_exchange {
	IKE_EXCH_SA_INIT = 34,	       /* RFC 7296 */
	IKE_EXCH_AUTH = 35,	       /* RFC 7296 */
	IKE_EXCH_CREATE_CHILD_SA = 36, /* RFC 7296 */
	IKE_EXCH_INFORMATIONAL = 37,   /* RFC 7296 */
	IKE_EXCH_SESSION_RESUME = 38,  /* RFC 5723 */
	IKE_EXCH_INTERMEDIATE = 43,    /* RFC 9242 */
	IKE_EXCH_FOLLOWUP_KE = 44,     /* RFC 9370 */
};

enum ike_payload_type {
	IKE_PAYLOAD_NONE = 0,	  /* RFC 7296 */
	IKE_PAYLOAD_SA = 33,	  /* RFC 7296 */
	IKE_PAYLOAD_KE = 34,	  /* RFC 7296 */
	IKE_PAYLOAD_IDI = 35,	  /* RFC 7296 */
	IKE_PAYLOAD_IDR = 36,	  /* RFC 7296 */
	IKE_PAYLOAD_CERT = 37,	  /* RFC 7296 */
	IKE_PAYLOAD_CERTREQ = 38, /* RFC 7296 */
	IKE_PAYLOAD_AUTH = 39,	  /* RFC 7296 */
	IKE_PAYLOAD_NONCE = 40,	  /* RFC 7296 */
	IKE_PAYLOAD_NOTIFY = 41,  /* RFC 7296 */
	IKE_PAYLOAD_DELETE = 42,  /* RFC 7296 */
	IKE_PAYLOAD_VENDOR = 43,  /* RFC 7296 */
	IKE_PAYLOAD_TSI = 44,	  /* RFC 7296 */
	IKE_PAYLOAD_TSR = 45,	  /* RFC 7296 */
	IKE_PAYLOAD_SK = 46,	  /* RFC 7296 */
	IKE_PAYLOAD_CP = 47,	  /* RFC 7296 */
	IKE_PAYLOAD_EAP = 48,	  /* RFC 7296 */
	IKE_PAYLOAD_SKF = 53,	  /* RFC 7383 */
};

/* Below 16384 errors, from there on status (RFC 7296 section 3.10.1). */
enum ike_notify {
	IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD = 1,		   /* RFC 7296 */
	IKE_N_INVALID_IKE_SPI = 4,			   /* RFC 7296 */
	IKE_N_INVALID_MAJOR_VERSION = 5,		   /* RFC 7296 */
	IKE_N_INVALID_SYNTAX = 7,			   /* RFC 7296 */
	IKE_N_INVALID_MESSAGE_ID = 9,			   /* RFC 7296 */
	IKE_N_INVALID_SPI = 11,				   /* RFC 7296 */
	IKE_N_NO_PROPOSAL_CHOSEN = 14,			   /* RFC 7296 */
	IKE_N_INVALID_KE_PAYLOAD = 17,			   /* RFC 7296 */
	IKE_N_AUTHENTICATION_FAILED = 24,		   /* RFC 7296 */
	IKE_N_SINGLE_PAIR_REQUIRED = 34,		   /* RFC 7296 */
	IKE_N_NO_ADDITIONAL_SAS = 35,			   /* RFC 7296 */
	IKE_N_INTERNAL_ADDRESS_FAILURE = 36,		   /* RFC 7296 */
	IKE_N_FAILED_CP_REQUIRED = 37,			   /* RFC 7296 */
	IKE_N_TS_UNACCEPTABLE = 38,			   /* RFC 7296 */
	IKE_N_INVALID_SELECTORS = 39,			   /* RFC 7296 */
	IKE_N_UNACCEPTABLE_ADDRESSES = 40,		   /* RFC 4555 */
	IKE_N_UNEXPECTED_NAT_DETECTED = 41,		   /* RFC 4555 */
	IKE_N_TEMPORARY_FAILURE = 43,			   /* RFC 7296 */
	IKE_N_CHILD_SA_NOT_FOUND = 44,			   /* RFC 7296 */
	IKE_N_STATE_NOT_FOUND = 47,			   /* RFC 9370 */
	IKE_N_STATUS_FIRST = 16384,			   /* boundary, and INITIAL_CONTACT */
	IKE_N_INITIAL_CONTACT = 16384,			   /* RFC 7296 */
	IKE_N_SET_WINDOW_SIZE = 16385,			   /* RFC 7296 */
	IKE_N_ADDITIONAL_TS_POSSIBLE = 16386,		   /* RFC 7296 */
	IKE_N_IPCOMP_SUPPORTED = 16387,			   /* RFC 7296 */
	IKE_N_NAT_DETECTION_SOURCE_IP = 16388,		   /* RFC 7296 */
	IKE_N_NAT_DETECTION_DESTINATION_IP = 16389,	   /* RFC 7296 */
	IKE_N_COOKIE = 16390,				   /* RFC 7296 */
	IKE_N_USE_TRANSPORT_MODE = 16391,		   /* RFC 7296 */
	IKE_N_HTTP_CERT_LOOKUP_SUPPORTED = 16392,	   /* RFC 7296 */
	IKE_N_REKEY_SA = 16393,				   /* RFC 7296 */
	IKE_N_ESP_TFC_PADDING_NOT_SUPPORTED = 16394,	   /* RFC 7296 */
	IKE_N_NON_FIRST_FRAGMENTS_ALSO = 16395,		   /* RFC 7296 */
	IKE_N_MOBIKE_SUPPORTED = 16396,			   /* RFC 4555 */
	IKE_N_ADDITIONAL_IP4_ADDRESS = 16397,		   /* RFC 4555 */
	IKE_N_ADDITIONAL_IP6_ADDRESS = 16398,		   /* RFC 4555 */
	IKE_N_NO_ADDITIONAL_ADDRESSES = 16399,		   /* RFC 4555 */
	IKE_N_UPDATE_SA_ADDRESSES = 16400,		   /* RFC 4555 */
	IKE_N_COOKIE2 = 16401,				   /* RFC 4555 */
	IKE_N_NO_NATS_ALLOWED = 16402,			   /* RFC 4555 */
	IKE_N_AUTH_LIFETIME = 16403,			   /* RFC 4478 */
	IKE_N_MULTIPLE_AUTH_SUPPORTED = 16404,		   /* RFC 4739 */
	IKE_N_ANOTHER_AUTH_FOLLOWS = 16405,		   /* RFC 4739 */
	IKE_N_REDIRECT_SUPPORTED = 16406,		   /* RFC 5685 */
	IKE_N_REDIRECT = 16407,				   /* RFC 5685 */
	IKE_N_REDIRECTED_FROM = 16408,			   /* RFC 5685 */
	IKE_N_EAP_ONLY_AUTHENTICATION = 16417,		   /* RFC 5998 */
	IKE_N_CHILDLESS_IKEV2_SUPPORTED = 16418,	   /* RFC 6023 */
	IKE_N_QUICK_CRASH_DETECTION = 16419,		   /* RFC 6290 */
	IKE_N_IKEV2_MESSAGE_ID_SYNC_SUPPORTED = 16420,	   /* RFC 6311 */
	IKE_N_IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED = 16421, /* RFC 6311 */
	IKE_N_IKEV2_MESSAGE_ID_SYNC = 16422,		   /* RFC 6311 */
	IKE_N_IPSEC_REPLAY_COUNTER_SYNC = 16423,	   /* RFC 6311 */
	IKE_N_IKEV2_FRAGMENTATION_SUPPORTED = 16430,	   /* RFC 7383 */
	IKE_N_SIGNATURE_HASH_ALGORITHMS = 16431,	   /* RFC 7427 */
	IKE_N_USE_PPK = 16435,				   /* RFC 8784 */
	IKE_N_PPK_IDENTITY = 16436,			   /* RFC 8784 */
	IKE_N_NO_PPK_AUTH = 16437,			   /* RFC 8784 */
	IKE_N_INTERMEDIATE_EXCHANGE_SUPPORTED = 16438,	   /* RFC 9242 */
	IKE_N_ADDITIONAL_KEY_EXCHANGE = 16441,		   /* RFC 9370 */
};

enum ike_protocol {
	IKE_PROTO_NONE = 0, /* RFC 7296 section 3.10: no SPI */
	IKE_PROTO_IKE = 1,  /* RFC 7296 */
	IKE_PROTO_AH = 2,   /* RFC 7296 */
	IKE_PROTO_ESP = 3,  /* RFC 7296 */
};

enum ike_transform_type {
	IKE_TRANSFORM_ENCR = 1,	 /* RFC 7296 */
	IKE_TRANSFORM_PRF = 2,	 /* RFC 7296 */
	IKE_TRANSFORM_INTEG = 3, /* RFC 7296 */
	IKE_TRANSFORM_KE = 4,	 /* RFC 7296, RFC 9370 */
	IKE_TRANSFORM_ESN = 5,	 /* RFC 7296 */
};

/* Additional Key Exchange 1 to 7, RFC 9370: the transforms are those of KE. */
#define IKE_TRANSFORM_ADDKE1 6
#define IKE_TRANSFORM_ADDKE7 12

enum ike_encr {
	IKE_ENCR_3DES = 3,		 /* RFC 2451 */
	IKE_ENCR_NULL = 11,		 /* RFC 2410; never offered nor accepted */
	IKE_ENCR_AES_CBC = 12,		 /* RFC 3602 */
	IKE_ENCR_AES_CTR = 13,		 /* RFC 5930 */
	IKE_ENCR_AES_CCM_16 = 16,	 /* RFC 5282 */
	IKE_ENCR_AES_GCM_8 = 18,	 /* RFC 5282 */
	IKE_ENCR_AES_GCM_12 = 19,	 /* RFC 5282 */
	IKE_ENCR_AES_GCM_16 = 20,	 /* RFC 5282 */
	IKE_ENCR_CHACHA20_POLY1305 = 28, /* RFC 7634 */
};

enum ike_prf {
	IKE_PRF_HMAC_MD5 = 1,	   /* RFC 2104 */
	IKE_PRF_HMAC_SHA1 = 2,	   /* RFC 2104 */
	IKE_PRF_AES128_XCBC = 4,   /* RFC 4434 */
	IKE_PRF_HMAC_SHA2_256 = 5, /* RFC 4868 */
	IKE_PRF_HMAC_SHA2_384 = 6, /* RFC 4868 */
	IKE_PRF_HMAC_SHA2_512 = 7, /* RFC 4868 */
};

enum ike_integ {
	IKE_INTEG_NONE = 0,
	IKE_INTEG_HMAC_MD5_96 = 1,	  /* RFC 2403 */
	IKE_INTEG_HMAC_SHA1_96 = 2,	  /* RFC 2404 */
	IKE_INTEG_AES_XCBC_96 = 5,	  /* RFC 3566 */
	IKE_INTEG_HMAC_SHA2_256_128 = 12, /* RFC 4868 */
	IKE_INTEG_HMAC_SHA2_384_192 = 13, /* RFC 4868 */
	IKE_INTEG_HMAC_SHA2_512_256 = 14, /* RFC 4868 */
};

enum ike_ke {
	IKE_KE_NONE = 0,
	IKE_KE_MODP_1024 = 2,	 /* RFC 2409 section 6.2 */
	IKE_KE_MODP_1536 = 5,	 /* RFC 3526 section 2 */
	IKE_KE_MODP_2048 = 14,	 /* RFC 3526 section 3 */
	IKE_KE_MODP_3072 = 15,	 /* RFC 3526 section 4 */
	IKE_KE_MODP_4096 = 16,	 /* RFC 3526 section 5 */
	IKE_KE_ECP_256 = 19,	 /* RFC 5903 */
	IKE_KE_ECP_384 = 20,	 /* RFC 5903 */
	IKE_KE_CURVE25519 = 31,	 /* RFC 8031 */
	IKE_KE_ML_KEM_512 = 35,	 /* draft-ietf-ipsecme-ikev2-mlkem */
	IKE_KE_ML_KEM_768 = 36,	 /* draft-ietf-ipsecme-ikev2-mlkem */
	IKE_KE_ML_KEM_1024 = 37, /* draft-ietf-ipsecme-ikev2-mlkem */
};

#define IKE_ATTRIBUTE_KEY_LENGTH 14 /* RFC 7296 section 3.3.5 */

enum ike_auth_method {
	IKE_AUTH_RSA_SIGNATURE = 1,	 /* RFC 7296 */
	IKE_AUTH_SHARED_KEY_MIC = 2,	 /* RFC 7296 */
	IKE_AUTH_DSS_SIGNATURE = 3,	 /* RFC 7296 */
	IKE_AUTH_ECDSA_256 = 9,		 /* RFC 4754 */
	IKE_AUTH_ECDSA_384 = 10,	 /* RFC 4754 */
	IKE_AUTH_ECDSA_521 = 11,	 /* RFC 4754 */
	IKE_AUTH_NULL = 13,		 /* RFC 7619 */
	IKE_AUTH_DIGITAL_SIGNATURE = 14, /* RFC 7427 */
};

enum ike_ts_type {
	IKE_TS_IPV4_ADDR_RANGE = 7, /* RFC 7296 */
	IKE_TS_IPV6_ADDR_RANGE = 8, /* RFC 7296 */
};

/* Sorted by value; the upper-case names of the registries. */
extern const struct enum_name ike_exchange_names[];
extern const struct enum_name ike_payload_names[];
extern const struct enum_name ike_notify_names[];
extern const struct enum_name ike_protocol_names[];
extern const struct enum_name ike_transform_type_names[];
extern const struct enum_name ike_auth_method_names[];
extern const struct enum_name ike_ts_type_names[];
/* Short operator names ("3des", "sha2-256", "dh21") of every registered transform that a peer may
 * offer, also of those that this product does not have. */
extern const struct enum_name ike_encr_names[];
extern const struct enum_name ike_prf_names[];
extern const struct enum_name ike_integ_names[];
extern const struct enum_name ike_ke_names[];

/* Name of a Notify type for log and evidence; unknown ones as "error 8192" or "status 40960". */
const char *ike_notify_name(unsigned type, char *buf, size_t size);

#endif
