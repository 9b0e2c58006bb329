/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the workers' counters, as show, metrics and tests see them. */
#include "dataplane/esp/stats.h"

const char *esp_stat_name(enum esp_stat s)
{
	static const char *const names[ESP_STAT_COUNT] = {
		[ESP_RX_DATAGRAMS] = "rx_datagrams",
		[ESP_RX_IKE] = "rx_ike",
		[ESP_RX_IKE_LOST] = "rx_ike_lost",
		[ESP_RX_KEEPALIVE] = "rx_keepalive",
		[ESP_RX_DUMMY] = "rx_dummy",
		[ESP_RX_OVERFLOW] = "rx_overflow",
		[ESP_RX_SHORT] = "rx_short",
		[ESP_RX_TRUNCATED] = "rx_truncated",
		[ESP_RX_UNKNOWN_SPI] = "rx_unknown_spi",
		[ESP_RX_REPLAY] = "rx_replay",
		[ESP_RX_AUTH] = "rx_auth",
		[ESP_RX_PADDING] = "rx_padding",
		[ESP_RX_NEXT_HEADER] = "rx_next_header",
		[ESP_RX_INNER] = "rx_inner",
		[ESP_RX_SELECTOR] = "rx_selector",
		[ESP_RX_ECN] = "rx_ecn",
		[ESP_RX_DEVICE] = "rx_device",
		[ESP_TX_PACKETS] = "tx_packets",
		[ESP_TX_INNER] = "tx_inner",
		[ESP_TX_CHATTER] = "tx_chatter",
		[ESP_TX_RULE] = "tx_rule_waits",
		[ESP_TX_NO_SLOT] = "tx_no_slot",
		[ESP_TX_NO_SA] = "tx_no_sa",
		[ESP_TX_SELECTOR] = "tx_selector",
		[ESP_TX_CAP] = "tx_over_last_mile",
		[ESP_TX_TOO_BIG] = "tx_too_big",
		[ESP_TX_SEQUENCE] = "tx_sequence",
		[ESP_TX_CRYPTO] = "tx_crypto",
		[ESP_TX_BUSY] = "tx_busy",
		[ESP_TX_ERROR] = "tx_error",
		[ESP_TX_DEVICE_GONE] = "tx_device_gone",
	};

	return names[s];
}
