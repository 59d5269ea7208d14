// A program on client-go with several watches on one credential, as dashboards and operators keep them:
// client KUBECONFIG NAMESPACE COUNT. It prints a line of JSON for whatever happens, and runs until it is stopped.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

type event struct {
	Watch int    `json:"watch"`
	Kind  string `json:"kind"`
	Text  string `json:"text"`
}

var printing sync.Mutex

func say(watch int, kind, text string) {
	line, _ := json.Marshal(event{watch, kind, text})
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(line))
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 4 {
		return fmt.Errorf("usage: client KUBECONFIG NAMESPACE COUNT")
	}
	namespace := os.Args[2]
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		return err
	}
	klog.LogToStderr(false)
	klog.SetOutput(os.Stderr)
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		return err
	}
	config.UserAgent = "lab-client"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	var watches sync.WaitGroup
	for number := range count {
		watches.Go(func() { follow(stop, client, namespace, number) })
	}
	watches.Wait()
	return nil
}

func follow(stop context.Context, client kubernetes.Interface, namespace string, number int) {
	configMaps := client.CoreV1().ConfigMaps(namespace)
	// The server ends a watch after this long, so that each is asked for again, with a token that is looked up again.
	seconds := int64(2)
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return configMaps.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.TimeoutSeconds = &seconds
			return configMaps.Watch(ctx, options)
		},
	}
	informer := cache.NewSharedIndexInformer(source, &corev1.ConfigMap{}, 0, cache.Indexers{})
	_ = informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		say(number, "error", err.Error())
	})
	handler, _ := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { say(number, "added", object.(*corev1.ConfigMap).Name) },
	})
	go func() {
		for !handler.HasSynced() {
			select {
			case <-stop.Done():
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
		say(number, "synced", "")
	}()
	informer.RunWithContext(stop)
}
