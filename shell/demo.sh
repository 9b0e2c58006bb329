#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# demo.sh [--no-console] BIN_DIR: an appliance, a branch and a tunnel, in own network namespaces.
#
#   host1 10.1.0.10 --- gw 10.1.0.1 | 203.0.113.1 === 203.0.113.2 | 10.2.0.1 branch --- 10.2.0.10 host2
#
# gw and branch each run ikeshd.  Everything is removed at the end.
set -eu
console=true
if [ "${1:-}" = --no-console ]; then
	console=false
	shift
fi
bin=$(realpath "$1")
dir=/run/ikesh-demo
prefix=ikesh-demo
names=(gw branch host1 host2)
pids=()

in_ns() { # name command...
	local ns=$1
	shift
	ip netns exec "$prefix-$ns" "$@"
}

exec_in_ns() { # name command...
	local ns=$1
	shift
	exec ip netns exec "$prefix-$ns" "$@"
}

remove_everything() {
	trap '' INT TERM HUP
	local n
	for n in ${pids[@]+"${pids[@]}"}; do kill "$n" 2>/dev/null || true; done
	for n in ${pids[@]+"${pids[@]}"}; do wait "$n" 2>/dev/null || true; done
	for n in "${names[@]}"; do ip netns delete "$prefix-$n" 2>/dev/null || true; done
	rm -rf "$dir"
}

# One demo at a time; what a killed one left behind goes first.
begin() {
	if [ -e "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null; then
		echo "a demo is running already (process $(cat "$dir/pid"))" >&2
		exit 1
	fi
	remove_everything
	trap remove_everything EXIT
	trap 'exit 130' INT TERM HUP
	mkdir "$dir"
	chmod 0755 "$dir"
	echo $$ >"$dir/pid"
}

cable() { # name device address name device address
	ip link add "$2" netns "$prefix-$1" type veth peer name "$5" netns "$prefix-$4"
	in_ns "$1" ip address add "$3" dev "$2"
	in_ns "$4" ip address add "$6" dev "$5"
	in_ns "$1" ip link set "$2" up
	in_ns "$4" ip link set "$5" up
}

network() {
	local n
	for n in "${names[@]}"; do
		ip netns add "$prefix-$n"
		in_ns "$n" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.default.accept_dad=0
		in_ns "$n" ip link set lo up
	done
	cable gw wan 203.0.113.1/24 branch wan 203.0.113.2/24
	cable gw lan 10.1.0.1/24 host1 eth0 10.1.0.10/24
	cable branch lan 10.2.0.1/24 host2 eth0 10.2.0.10/24
	in_ns host1 ip route add default via 10.1.0.1
	in_ns host2 ip route add default via 10.2.0.1
}

configuration() { # name
	if [ "$1" = gw ]; then
		cat <<-END
			hostname gw1
			ipsec site Branch
			 type branch
			 native-range 10.2.0.0/24
			 network-range hq:10.1.0.0/24
			 connection-mode bidirectional
			 initiate-connection
			 destination primary ipv4 203.0.113.1
			 tunnel primary 1
			  name fiber
			  public-ip 203.0.113.2
			  psk $2
			end
		END
	else
		cat <<-END
			hostname branch1
			ipsec site Headquarters
			 type headquarters
			 native-range 10.1.0.0/24
			 network-range lan:10.2.0.0/24
			 connection-mode responder-only
			 destination primary ipv4 203.0.113.2
			 tunnel primary 1
			  public-ip 203.0.113.1
			  psk $2
			end
		END
	fi
}

appliance() { # name key
	mkdir -p "$dir/$1/config" "$dir/$1/state"
	chmod 0700 "$dir/$1/config" "$dir/$1/state"
	(umask 077 && configuration "$1" "$2" >"$dir/$1/config/startup-config")
	# exec: the signal at the end is for the appliance, not for a shell around it
	exec_in_ns "$1" setsid "$bin/ikeshd" --foreground --config-dir "$dir/$1/config" \
		--state-dir "$dir/$1/state" --socket "$dir/$1/cli.sock" 2>"$dir/$1/log" </dev/null &
	pids+=($!)
	until [ -S "$dir/$1/cli.sock" ] || ! all_alive; do sleep 0.05; done
}

all_alive() {
	local n
	for n in "${pids[@]}"; do kill -0 "$n" 2>/dev/null || return 1; done
}

# Up to 30 s; what the appliances say if it takes longer.
wait_for_tunnel() {
	local deadline=$((SECONDS + 30))
	until in_ns host1 ping -q -c 1 -W 1 10.2.0.10 >/dev/null 2>&1; do
		if [ $SECONDS -ge $deadline ] || ! all_alive; then
			echo "the tunnel did not come up:" >&2
			cat "$dir"/*/log >&2
			"$bin/ikesh" --socket "$dir/gw/cli.sock" \
				-c 'show ipsec connection-status site Branch detail' >&2 || true
			exit 1
		fi
		sleep 0.25
	done
}

welcome() {
	echo
	echo "ping from host1 (10.1.0.10) behind gw1 to host2 (10.2.0.10) behind the branch:"
	in_ns host1 ping -c 3 -i 0.2 10.2.0.10
	echo
	"$bin/ikesh" --socket "$dir/gw/cli.sock" -c 'show ipsec connection-status'
	cat <<-END

		Try on this console:
		  show ipsec connection-status site Branch detail
		  show running-config
		  terminal monitor
		  ipsec terminate site Branch
		  configure terminal
		On another terminal:
		  sudo $bin/ikesh --socket $dir/branch/cli.sock         (console of the branch)
		  sudo ip netns exec $prefix-host1 ping 10.2.0.10
		  sudo ip netns exec $prefix-gw tcpdump -ni wan         (ESP on the wire)

	END
}

begin
network
key=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
appliance branch "$key"
appliance gw "$key"
wait_for_tunnel
welcome
if $console; then
	trap '' INT # Ctrl-C is for the console
	"$bin/ikesh" --socket "$dir/gw/cli.sock" || exit $?
else
	echo "The demo runs until it gets a signal (process $$)."
	wait "${pids[@]}"
fi
