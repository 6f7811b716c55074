//go:build integration

// These tests talk to the servers of tests/integration/servers.sh.

package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"tlsock"
	"tlsock/recipes"
)

// port is that of a server that tests/integration/servers.sh has started.
func port(t testing.TB, name string) string {
	t.Helper()
	found := os.Getenv("TLSOCK_" + name + "_PORT")
	if found == "" {
		t.Fatal("there is no server: see tests/integration")
	}
	return found
}

// trusting trusts the root of the servers, and has client.pem if showing.
func trusting(t testing.TB, showing bool) *tlsock.Context {
	t.Helper()
	folder := os.Getenv("TLSOCK_CERTS")
	context, err := tlsock.CreateDefaultContext(tlsock.PurposeServerAuth, tlsock.VerifyLocations{CAFile: folder + "/ca.pem"})
	must(t, err)
	t.Cleanup(func() { context.Close() })
	if showing {
		must(t, context.LoadCertChain(folder+"/client.pem", folder+"/client.key", ""))
	}
	return context
}

func TestPGX(t *testing.T) {
	server := port(t, "POSTGRES")
	ctx := background(t)
	for _, user := range []string{os.Getenv("TLSOCK_USER"), "client"} {
		config, err := pgxpool.ParseConfig(fmt.Sprintf("host=localhost port=%s user=%s password=%s dbname=%s sslmode=prefer",
			server, user, os.Getenv("TLSOCK_PASSWORD"), os.Getenv("TLSOCK_DATABASE")))
		must(t, err)
		recipes.UsePGX(&config.ConnConfig.Config, trusting(t, user == "client"))
		pool, err := pgxpool.NewWithConfig(ctx, config)
		must(t, err)
		defer pool.Close()
		var group sync.WaitGroup
		for i := 0; i < 20; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				var encrypted bool
				var text string
				if err := pool.QueryRow(ctx, "select ssl, repeat('x', 100000) from pg_stat_ssl where pid = pg_backend_pid()").
					Scan(&encrypted, &text); err != nil || !encrypted || len(text) != 100000 {
					t.Errorf("%s: %v, TLS: %v, %d bytes", user, err, encrypted, len(text))
				}
			}()
		}
		group.Wait()
	}
	config, err := pgx.ParseConfig("host=localhost port=" + server + " user=client dbname=postgres sslmode=disable")
	must(t, err)
	recipes.UsePGX(&config.Config, distrusting(t))
	if _, err := pgx.ConnectConfig(ctx, config); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("without trust: %v", err)
	}
}

// A query that is cancelled is cancelled over TLS too, and leaves the pool usable.
func TestPGXCancel(t *testing.T) {
	config, err := pgxpool.ParseConfig(fmt.Sprintf("host=localhost port=%s user=client dbname=%s", port(t, "POSTGRES"),
		os.Getenv("TLSOCK_DATABASE")))
	must(t, err)
	recipes.UsePGX(&config.ConnConfig.Config, trusting(t, true))
	pool, err := pgxpool.NewWithConfig(background(t), config)
	must(t, err)
	defer pool.Close()
	short, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := pool.Exec(short, "select pg_sleep(60)"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a query of a minute: %v", err)
	}
	must(t, pool.Ping(background(t)))
}

func TestPQ(t *testing.T) {
	server := port(t, "POSTGRES")
	ctx := background(t)
	text := fmt.Sprintf("host=localhost port=%s user=%s password=%s dbname=%s sslmode=disable", server,
		os.Getenv("TLSOCK_USER"), os.Getenv("TLSOCK_PASSWORD"), os.Getenv("TLSOCK_DATABASE"))
	db, err := recipes.OpenPQ(text, trusting(t, false))
	must(t, err)
	defer db.Close()
	var encrypted bool
	must(t, db.QueryRowContext(ctx, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").Scan(&encrypted))
	equal(t, "TLS", encrypted, true)
	short, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := db.ExecContext(short, "select pg_sleep(60)"); err == nil {
		t.Error("a query of a minute is not cancelled")
	}
	must(t, db.PingContext(ctx))
	stranger, err := recipes.OpenPQ(text, distrusting(t))
	must(t, err)
	defer stranger.Close()
	if err := stranger.PingContext(ctx); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("without trust: %v", err)
	}
}

func TestRedis(t *testing.T) {
	address := "localhost:" + port(t, "REDIS")
	ctx := background(t)
	client := recipes.OpenRedis(address, trusting(t, true))
	defer client.Close()
	var group sync.WaitGroup
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			key, value := fmt.Sprint("key ", i), strings.Repeat("v", i*3000)
			if err := client.Set(ctx, key, value, 0).Err(); err != nil {
				t.Error(err)
			}
			got, err := client.Get(ctx, key).Result()
			if err != nil || got != value {
				t.Errorf("%s: %d bytes, %v", key, len(got), err)
			}
		}()
	}
	group.Wait()
	subscription := client.Subscribe(ctx, "news")
	defer subscription.Close()
	_, err := subscription.Receive(ctx)
	must(t, err)
	must(t, client.Publish(ctx, "news", "hello").Err())
	message, err := subscription.ReceiveMessage(ctx)
	must(t, err)
	equal(t, "message", message.Payload, "hello")
	stranger := recipes.OpenRedis(address, distrusting(t))
	defer stranger.Close()
	if err := stranger.Ping(ctx).Err(); !errors.Is(err, tlsock.ErrCertVerification) {
		t.Errorf("without trust: %v", err)
	}
}
